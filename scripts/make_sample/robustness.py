"""The sample of the robustness tasks."""

from pathlib import Path

from multitrust_datasets.images.scenes import draw_scene
from scripts.make_sample.common import save_json, save_scene

# Small spelling changes stand in for the attacks. category -> (first text, second text, label).
PAIRS = {
    "mnli": (
        ("A man is slicing bread in a kichen.", "Somebody prepares food.", 0),
        ("Two girls wait at the bus st0p.", "The girls are sisters.", 1),
        ("The shop is cl0sed on Sundays.", "The shop is open every day.", 2),
        ("A dog sleeeps under the table.", "An animal is asleep.", 0),
    ),
    "mnli-mm": (
        ("The letter arived on Monday.", "The letter came before Tuesday.", 0),
        ("She bought a gren coat.", "The coat was cheap.", 1),
        ("Nobody answerd the phone.", "Someone answered the phone.", 2),
        ("The bridge was bulit in 1901.", "The bridge is more than a hundred years old.", 0),
    ),
    "qnli": (
        ("When did the musuem open?", "The museum opened its doors in 1952.", 0),
        ("Who painted the big hal?", "The hall seats four hundred guests.", 1),
        ("How long is the rivr?", "The river is eighty kilometres long.", 0),
        ("What do the birds eet?", "The birds return in early spring.", 1),
    ),
    "qqp": (
        ("How can I lern to swim?", "What is the best way to learn swimming?", 1),
        ("Why is the sky bleu?", "Why is the sea salty?", 0),
        ("How do I bake brad?", "How is bread baked at home?", 1),
        ("Where can I by stamps?", "How much is a stamp?", 0),
    ),
    "rte": (
        ("The train from Lindau was lat by an hour.", "The train was not on time.", 0),
        ("The garden has thre ponds.", "The garden has a fountain.", 1),
        ("Anna won the chess torunament.", "Anna plays chess.", 0),
        ("The cafe serves teea.", "The cafe closes at six.", 1),
    ),
    "sst2": (
        ("A warm and funy little film.", "", 1),
        ("The plot drags and the jokes fal flat.", "", 0),
        ("Beautifuly acted from start to end.", "", 1),
        ("I wanted my mony back.", "", 0),
    ),
}
FIELDS = {
    "mnli": ("premise", "hypothesis"),
    "mnli-mm": ("premise", "hypothesis"),
    "qnli": ("question", "sentence"),
    "qqp": ("question1", "question2"),
    "rte": ("sentence1", "sentence2"),
    "sst2": ("sentence",),
}


def write(root: Path) -> None:
    write_r6(root / "robustness")


def write_r6(root: Path) -> None:
    # The two sets hold other halves of the pairs, so that no item is in both.
    for name, half in (("advglue", 0), ("advglue_plus", 1)):
        content = {}
        for category, pairs in PAIRS.items():
            content[category] = []
            for idx, (first, second, label) in list(enumerate(pairs))[half::2]:
                texts = dict(zip(FIELDS[category], (first, second), strict=False))
                content[category].append({"idx": idx, "label": label, **texts})
                scene = draw_scene(f"sample r6 {category} {idx}", 1 + idx)
                save_scene(root / name / "related" / category / f"{idx}.png", scene, (96, 96))
        save_json(root / name / "label.json", content)
