"""Trains the codebook from folders of pictures and films, and says how well it codes others."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from codebook.material import descriptors, media
from codebook.train import train
from provenance.fingerprints.codebook import FILE, WORDS, Codebook

PROCESSES = 2
MEASURED = 100_000


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(prog="train-codebook", description=__doc__)
    parser.add_argument("folders", metavar="FOLDER", nargs="*", type=Path, help="pictures, films")
    parser.add_argument("--output", type=Path, default=FILE, help="the package's own file")
    parser.add_argument("--test", type=Path, action="append", default=[], help="measure on these")
    options = parser.parse_args()
    samples = {}
    if options.folders:
        files = media(options.folders)
        print(f"{len(files)} pictures and films ...", flush=True)
        samples["trained on"] = collected(files)
        if len(samples["trained on"]) < WORDS:
            parser.error("too few pictures and films there: not even one feature a word")
        train(samples["trained on"], WORDS).save(options.output)
        print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")
    elif not options.test:
        parser.error("name folders to train on, or --test folders to measure on")
    book = Codebook.load(options.output)
    samples |= {str(folder): collected(media([folder])) for folder in options.test}
    print("| measured on | descriptors | to the word | rough | fine | longest list |")
    print("|---|---|---|---|---|---|")
    for name, sample in samples.items():
        print(f"| {name} | " + " | ".join(quality(book, sample)) + " |", flush=True)


def collected(paths: list[Path]) -> npt.NDArray[np.uint8]:
    """(N, 128) descriptors of these files."""
    parts = [paths[k::PROCESSES] for k in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        return np.concatenate(list(pool.map(_of_part, parts, range(len(parts)))))


def quality(book: Codebook, sample: npt.NDArray[np.uint8]) -> Iterable[str]:
    """Cells of a table: how much of a descriptor is lost at each step, and how even lists are.

    What is lost is the mean squared distance in shares of the squared length.
    """
    sample = np.random.default_rng(0).permutation(sample)[:MEASURED]
    coded = book.encode(sample)
    values = sample.astype(np.float32)
    yield f"{len(sample):,}"
    rough = book.rough_quantizer.decode(book.rough_codes(coded).view(np.uint8).reshape(-1, 8))
    for guess in (book.words[coded.words], book.words[coded.words] + rough, book.decode(coded)):
        lost = ((values - guess) ** 2).sum(axis=1) / (values**2).sum(axis=1)
        yield f"{lost.mean():.3f}"
    longest = np.bincount(coded.words, minlength=len(book.words)).max()
    yield f"{longest / len(sample):.2%}"


def _of_part(paths: list[Path], seed: int) -> npt.NDArray[np.uint8]:
    import cv2

    cv2.setNumThreads(1)
    return np.concatenate([np.empty((0, 128), np.uint8), *descriptors(paths, seed)])


if __name__ == "__main__":
    main()
