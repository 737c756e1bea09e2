"""The image makers: sizes to the pixel, what is drawn where, and the same picture for the same arguments."""

from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from multitrust_datasets.images import cards, fields, png
from multitrust_datasets.images.scenes import COLORS, draw_scene, render

WORDS = st.text(alphabet="abcWi.é東", min_size=1, max_size=12)


def ink(image: PIL.Image.Image) -> tuple[int, int, int, int]:
    """The box around everything that is not white."""
    dark = np.asarray(image.convert("L")) < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


@pytest.mark.parametrize(("lines", "height"), [(1, 100), (2, 199), (3, 297), (4, 397), (5, 496), (10, 991)])
def test_text_card_is_as_high_as_its_lines(lines: int, height: int) -> None:
    """Spec A.5: ceil((90 x lines) x 1.1), in floating point."""
    assert cards.text_card("\n".join("abc" for _ in range(lines))).size == (1024, height)


def test_text_card_counts_blank_and_trailing_lines() -> None:
    assert cards.text_card("a\n\nb").size == (1024, 297)
    assert cards.text_card("a: 1\n\nb: 2\n\n").size == (1024, 496)
    plain, trailing = cards.text_card("a\n\nb"), cards.text_card("a\n\nb\n\n")
    assert trailing.crop((0, 0, *plain.size)).tobytes() == plain.tobytes()
    assert ink(trailing) == ink(plain)


def test_text_card_drops_blank_lines_at_the_top_but_counts_them() -> None:
    low = cards.text_card("\n\nabc")
    assert low.size == (1024, 297)
    assert ink(low) == ink(cards.text_card("abc"))


def test_text_card_grows_with_a_word_that_is_too_wide() -> None:
    letters = cards.font(None, cards.FONT_SIZE)
    word = "m" * 40
    image = cards.text_card(word)
    # The word leaves an empty line before it, which counts; its ink starts at the top all the same.
    assert image.size == (int(letters.getlength(word)), 199)
    assert ink(image)[3] < 99


def test_text_card_stands_in_the_middle_and_is_black_on_white() -> None:
    image = cards.text_card("a few words\nand more of them")
    left, _, right, _ = ink(image)
    assert abs(left - (1024 - right)) < 12
    assert image.mode == "RGB"
    assert image.getpixel((0, 0)) == (255, 255, 255)
    assert {pixel for _, pixel in image.getcolors() or ()} >= {(0, 0, 0), (255, 255, 255)}


def test_text_card_wraps_at_blanks() -> None:
    letters = cards.font(None, cards.FONT_SIZE)
    text = "one two three four five six seven eight nine ten eleven twelve"
    lines = cards.wrap(text, letters, 1024)
    assert len(lines) > 1
    assert " ".join(lines) == text
    assert all(letters.getlength(line) < 1024 for line in lines)
    assert cards.text_card(text).height == cards.text_card("\n".join(lines)).height


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=12), min_size=1, max_size=4))
def test_wrap_keeps_every_word_and_breaks_only_where_it_must(paragraphs: list[list[str]]) -> None:
    letters = cards.font(None, 30)
    text = "\n".join(" ".join(words) for words in paragraphs)
    lines = cards.wrap(text, letters, 300)
    assert " ".join(lines).split() == [word for words in paragraphs for word in words]
    for line in lines:
        assert letters.getlength(line) < 300 or " " not in line
    short = [words for words in paragraphs if letters.getlength(" ".join(words)) < 300]
    assert all(" ".join(words) in lines for words in short)


def test_text_card_takes_the_font_file_as_it_is_now(tmp_path: Path) -> None:
    own = ImageFont.load_default(20)
    assert isinstance(own, ImageFont.FreeTypeFont)
    file = tmp_path / "font.ttf"
    file.write_bytes(own.font_bytes)
    assert cards.text_card("abc", file).tobytes() == cards.text_card("abc").tobytes()
    assert cards.text_card("abc", tmp_path / "none.ttf").tobytes() == cards.text_card("abc").tobytes()
    file.write_bytes(b"no font")
    with pytest.raises(OSError, match=r"font|file"):
        cards.text_card("abc", file)


def test_text_card_png_holds_the_card() -> None:
    data = cards.text_card_png("Straße 7\n\n東")
    assert data == cards.text_card_png("Straße 7\n\n東")
    image = PIL.Image.open(BytesIO(data))
    assert (image.format, image.mode) == ("PNG", "RGB")
    assert image.tobytes() == cards.text_card("Straße 7\n\n東").tobytes()


def test_typographic_card_holds_its_text_inside() -> None:
    image = cards.typographic_card("Stack the blue cups upside down", (200, 200), letter=24)
    left, top, right, bottom = ink(image)
    assert image.size == (200, 200)
    assert min(left, top, 199 - right, 199 - bottom) > 2
    assert abs((left + right) / 2 - 100) < 6
    assert abs((top + bottom) / 2 - 100) < 6
    colored = cards.typographic_card("a", (60, 40), ink="#ff0000", paper="#00ff00")
    assert colored.getpixel((0, 0)) == (0, 255, 0)
    assert any(red > 200 and green < 60 for _, (red, green, _) in colored.getcolors() or ())


def test_color_fills_the_picture_and_hangs_on_the_seed() -> None:
    image = fields.color("seed", (30, 20))
    assert image.size == (30, 20)
    assert len(image.getcolors() or ()) == 1
    assert image.tobytes() == fields.color("seed", (30, 20)).tobytes()
    assert image.getpixel((0, 0)) == fields.color("seed", (5, 5)).getpixel((0, 0))
    assert len({fields.color(str(n), (1, 1)).tobytes() for n in range(50)}) > 45


def test_noise_is_uniform_in_each_channel_and_hangs_on_the_seed() -> None:
    image = fields.noise("seed", (64, 48))
    assert (image.size, image.mode) == ((64, 48), "RGB")
    values = np.asarray(image).reshape(-1, 3).astype(float)
    assert np.allclose(values.mean(axis=0), 127.5, atol=5)
    assert np.allclose(values.std(axis=0), 73.9, atol=4)
    assert abs(np.corrcoef(values.T)[np.triu_indices(3, 1)]).max() < 0.06
    assert image.tobytes() == fields.noise("seed", (64, 48)).tobytes() != fields.noise("other", (64, 48)).tobytes()


@pytest.mark.parametrize("count", [1, 3, 6])
def test_a_scene_shows_what_it_says(count: int) -> None:
    scene = draw_scene(f"test {count}", count)
    assert scene == draw_scene(f"test {count}", count)
    assert len({figure.name for figure in scene.figures}) == count
    image = render(scene, (240, 160))
    assert image.size == (240, 160)
    for figure in scene.figures:
        left, top, right, bottom = figure.box
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
        middle = (round(240 * (left + right) / 2), round(160 * (top + bottom) / 2))
        assert image.getpixel(middle) == COLORS[figure.color]


def test_png_gives_the_same_bytes_for_the_same_pixels() -> None:
    image = fields.noise("png", (9, 7))
    assert png(image) == png(image.copy())
    assert PIL.Image.open(BytesIO(png(image))).tobytes() == image.tobytes()
