"""Reading raw files: each fault names its file and row, is raised or left out and counted, and harms no other row."""

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitrust_datasets import DataError
from multitrust_datasets.errors import BadRow, MissingData, MissingPicture
from multitrust_datasets.raw import Item, RawReader, natural

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8), max_size=6)


def reader(root: Path, on_bad_row: Any = "error") -> RawReader:
    made = RawReader(on_bad_row)
    made.root = root
    return made


def write(root: Path, data: str | bytes, name: str = "a.txt") -> Path:
    path = root / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


class TestText:
    @given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
    def test_lines_end_at_line_feeds_and_returns_only(self, lines: list[str], end: str, mark: bool) -> None:
        """U+2028, U+0085 and form feeds stay inside a line; a byte order mark is no text."""
        if lines and not lines[-1]:
            lines = [*lines, "x"]
        made = reader(Path())
        made.read_text = lambda path: end.join(lines)  # type: ignore[method-assign]
        assert [line for _, line in made.read_lines(Path())] == lines

    def test_a_byte_order_mark_is_no_text(self, tmp_path: Path) -> None:
        assert reader(tmp_path).read_text(write(tmp_path, b"\xef\xbb\xbfa")) == "a"

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
    def test_utf_16_is_told(self, tmp_path: Path, encoding: str) -> None:
        data = "\ufeffa".encode(encoding) if encoding != "utf-16" else "a".encode(encoding)
        with pytest.raises(DataError, match=r"a\.txt is UTF-16; save it as UTF-8"):
            reader(tmp_path).read_text(write(tmp_path, data))

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        made = reader(tmp_path)
        with pytest.raises(MissingData, match=rf"^b/c\.json is not in the data at {tmp_path}\.$"):
            made.read_text(tmp_path / "b/c.json")
        for listed in (made.list_files, made.list_folders):
            with pytest.raises(MissingData, match="The folder b is not in the data"):
                listed(tmp_path / "b")

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        (tmp_path / "b").mkdir()
        with pytest.raises(DataError, match="b cannot be read: Is a directory"):
            reader(tmp_path).read_text(tmp_path / "b")

    def test_every_file_that_is_read_is_remembered(self, tmp_path: Path) -> None:
        made = reader(tmp_path)
        made.read_text(write(tmp_path, "a"))
        first = dict(made.digests)
        made.read_text(write(tmp_path, "b"))
        assert first.keys() == made.digests.keys() == {"a.txt"}
        assert first != made.digests


class TestJson:
    def test_a_list(self, tmp_path: Path) -> None:
        path = write(tmp_path, '\r\n[{"a": "é"}, 3]\r\n')
        items = list(reader(tmp_path).read_json(path))
        assert [(item.file, item.place, item.number, item.key) for item in items] == [
            ("a.txt", "entry 0", 0, "0000"),
            ("a.txt", "entry 1", 1, "0001"),
        ]
        assert dict(items[0]) == {"a": "é"}
        with pytest.raises(BadRow, match=r"^a\.txt, entry 1: expected an object, found a number\.$"):
            items[1]["a"]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("[\n{]", r"a\.txt, line 2: not valid JSON"),
            ("", r"a\.txt, line 1: not valid JSON"),
            ('{"a": 1}', "expected a JSON list of objects, found an object"),
            ('"a"', "found text"),
            ("null", "found nothing"),
            ("true", "found true or false"),
            ("[" * 100_000, "too deep"),
        ],
    )
    def test_no_list(self, tmp_path: Path, text: str, told: str) -> None:
        with pytest.raises(DataError, match=told):
            list(reader(tmp_path, "skip").read_json(write(tmp_path, text)))

    def test_an_object(self, tmp_path: Path) -> None:
        made = reader(tmp_path)
        assert made.read_json_object(write(tmp_path, '{"b": [{"x": 1, "x": 2}], "a": 1}')) == {"b": [{"x": 2}], "a": 1}
        with pytest.raises(DataError, match="expected a JSON object, found a list"):
            made.read_json_object(write(tmp_path, "[]"))
        with pytest.raises(DataError, match="the key 'a' occurs twice"):
            made.read_json_object(write(tmp_path, '{"a": 1, "b": 2, "a": 3}'))

    def test_lines(self, tmp_path: Path) -> None:
        path = write(tmp_path, '{"a": "1\u2028"}\r\n\n  \n{"a": \n[1]\n{"a": "4"}')
        made = reader(tmp_path, "skip")
        good = []
        for item in made.read_json_lines(path):
            with item:
                good.append((item.key, item.place, item.text("a")))
        assert good == [("0000", "line 1", "1\u2028"), ("0003", "line 6", "4")]
        assert made.left_out == {"bad JSON": 1, "bad row": 1}
        assert made.faults[0].startswith("a.txt, line 4: not valid JSON")
        assert made.faults[1] == "a.txt, line 5: expected an object, found a list."


class TestCsv:
    def test_rows(self, tmp_path: Path) -> None:
        path = write(tmp_path, b'\xef\xbb\xbfid,"text"\r\n\r\n1,"two\r\nlines, ""q"""\r\n2,\xc3\xa9\r\n')
        items = list(reader(tmp_path).read_csv(path, ["id", "text"]))
        assert [dict(item) for item in items] == [{"id": "1", "text": 'two\r\nlines, "q"'}, {"id": "2", "text": "é"}]
        assert [item.key for item in items] == ["0000", "0001"]
        assert items[1].place == "line 5"

    def test_an_index_column_without_a_name_is_no_fault(self, tmp_path: Path) -> None:
        (item,) = reader(tmp_path).read_csv(write(tmp_path, ",id\n0,7\n"), ["id"])
        assert item.text("id") == "7"

    def test_a_row_that_is_too_long_or_too_short(self, tmp_path: Path) -> None:
        long, short = reader(tmp_path).read_csv(write(tmp_path, "id,b\n1,2,3\n4\n"), ["id"])
        with pytest.raises(BadRow, match=r"a\.txt, line 2: more fields than the header has columns"):
            long.text("id")
        assert short.text("id") == "4"
        with pytest.raises(BadRow, match="line 3: 'b' is missing"):
            short.text("b")

    @pytest.mark.parametrize("header", ["ID,b", "id;b", ""])
    def test_a_missing_column(self, tmp_path: Path, header: str) -> None:
        with pytest.raises(DataError, match=r"a\.txt: no column 'id' in the header; it has (ID, b|id;b|none)\."):
            list(reader(tmp_path, "skip").read_csv(write(tmp_path, f"{header}\n1,2\n"), ["id"]))

    def test_a_quote_that_is_never_closed_swallows_no_rows(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=r"a\.txt, line \d: not valid CSV"):
            list(reader(tmp_path, "skip").read_csv(write(tmp_path, 'id\n"1\n2\n3\n'), ["id"]))
        rows = reader(tmp_path).read_csv(write(tmp_path, 'id\n5" screen\n2\n'), ["id"])
        assert [row.text("id") for row in rows] == ['5" screen', "2"]

    def test_other_bytes_are_told_where_they_are(self, tmp_path: Path) -> None:
        path = write(tmp_path, "id,b\n1,ok\n2,caf\xe9\n".encode("latin-1"))
        good, bad = reader(tmp_path).read_csv(path, ["id"])
        assert good.text("b") == "ok"
        assert bad.text("id") == "2"
        with pytest.raises(BadRow, match=r"a\.txt, line 3: 'b' is not UTF-8; save the file as UTF-8\.") as caught:
            bad.text("b")
        assert caught.value.reason == "not UTF-8"


def item(entry: Any, on_bad_row: Any = "error", skips: bool = False) -> Item:
    made = reader(Path(), on_bad_row)
    made.SKIPS_MISSING_PICTURES = skips  # type: ignore[misc]
    return Item(made, "a.json", "entry 3", 3, entry)


class TestItem:
    @pytest.mark.parametrize(
        ("entry", "read", "told", "reason"),
        [
            ({}, lambda i: i["a"], "'a' is missing", "missing a"),
            ({"a": None}, lambda i: i["a"], "'a' is missing", "missing a"),
            ("x", lambda i: i["a"], "expected an object, found text", "bad row"),
            ({"a": [1]}, lambda i: i.text("a"), "'a' must be text, found a list", "bad a"),
            ({"a": True}, lambda i: i.text("a"), "'a' must be text, found true or false", "bad a"),
            ({"a": " \n"}, lambda i: i.filled("a"), "'a' is empty", "empty a"),
            ({"a": "x"}, lambda i: i.integer("a"), "'a' is 'x', expected a whole number", "bad a"),
            ({"a": 1.5}, lambda i: i.integer("a"), "'a' is '1.5', expected a whole number", "bad a"),
            ({"a": "yes"}, lambda i: i.choice("a", {"Yes": "1"}), "'a' is 'yes', expected one of Yes", "bad a"),
            ({"a": []}, lambda i: i.first("a"), "expected a list that begins with a text", "bad a"),
            ({"a": "x"}, lambda i: i.first("a"), "expected a list that begins with a text", "bad a"),
            ({"a": ["\udcff"]}, lambda i: i.first("a"), "not UTF-8", "not UTF-8"),
            ({"a": "\ud800"}, lambda i: i.text("a"), "not UTF-8", "not UTF-8"),
        ],
    )
    def test_each_fault_has_its_place_and_reason(self, entry: Any, read: Any, told: str, reason: str) -> None:
        with pytest.raises(BadRow, match=told) as caught, item(entry) as row:
            read(row)
        assert str(caught.value).startswith("a.json, entry 3: ")
        assert caught.value.reason == reason
        skipped = item(entry, "skip")
        with skipped:
            read(skipped)
            raise AssertionError("the fault was not raised")
        assert skipped._reader.left_out == Counter({reason: 1})

    def test_what_is_read_is_as_it_stands(self) -> None:
        row = item({"a": " {x} ", "n": 7, "f": ["b", 3]})
        assert (row.text("a"), row.filled("a"), row.text("n"), row.integer("n"), row.first("f")) == (
            (" {x} ", " {x} ", "7", 7, "b")
        )
        assert ("a" in row, "b" in row, len(row), list(row)) == (True, False, 3, ["a", "n", "f"])

    def test_only_missing_pictures_are_excused(self) -> None:
        with item({}, skips=True) as row:
            raise MissingPicture("x", "", "gone.", "missing picture")
        assert row._reader.left_out == {"missing picture": 1}
        assert row._reader.faults == ["a.json, entry 3: gone."]
        with pytest.raises(BadRow, match="'a' is missing"), item({}, skips=True) as row:
            row["a"]

    @pytest.mark.parametrize("word", ["ignore", "Skip", "", None])
    def test_bad_rows_are_errors_or_skipped_and_nothing_else(self, word: Any) -> None:
        with pytest.raises(ValueError, match=r"^on_bad_row is .*; give one of error, skip\.$"):
            RawReader(word)

    def test_what_the_original_drops_is_told_apart_from_what_is_bad(self) -> None:
        made = item({"a": " "})
        assert made.dropped("a").reason == "empty a (as in the original)"
        with pytest.raises(BadRow) as caught:
            made.filled("a")
        assert str(caught.value) == str(made.dropped("a")) == "a.json, entry 3: 'a' is empty."
        assert caught.value.reason == "empty a"

    @pytest.mark.parametrize("error", [DataError("whole file"), MissingData("folder"), KeyError("bug")])
    def test_what_is_no_rows_fault_is_never_swallowed(self, error: Exception) -> None:
        with pytest.raises(type(error)), item({}, "skip", skips=True):
            raise error

    def test_a_fault_goes_to_another_process_and_back(self) -> None:
        fault = copy.copy(MissingPicture("f", "line 1", "gone.", "missing picture"))  # by way of __reduce__
        assert (type(fault), str(fault), fault.reason) == (MissingPicture, "f, line 1: gone.", "missing picture")


class TestNatural:
    def test_numbers_by_value(self) -> None:
        names = ["10.png", "2.png", "b1", "a10", "a9", "02.png", "", "²"]
        assert sorted(names, key=natural) == ["", "02.png", "2.png", "10.png", "a9", "a10", "b1", "²"]

    @given(st.lists(st.text(max_size=6), unique=True, max_size=8))
    def test_it_is_a_total_order(self, names: list[str]) -> None:
        other_way = names[::-1]
        assert sorted(names, key=natural) == sorted(other_way, key=natural)

    def test_listing(self, tmp_path: Path) -> None:
        for name in ("10.png", "9.PNG", ".hidden"):
            write(tmp_path, "", name)
        (tmp_path / "d10").mkdir()
        (tmp_path / "d9").mkdir()
        made = reader(tmp_path)
        assert [path.name for path in made.list_files(tmp_path)] == ["9.PNG", "10.png"]
        assert [path.name for path in made.list_folders(tmp_path)] == ["d9", "d10"]


def test_relative_names_what_the_tree_knows(tmp_path: Path) -> None:
    made = reader(tmp_path)
    assert made.relative(tmp_path / "a/b.png") == "a/b.png"
    assert made.relative(Path(f"{tmp_path}x/b.png")) == f"{tmp_path}x/b.png"
    assert json.dumps(made.relative(tmp_path / "ä")) == '"\\u00e4"'
