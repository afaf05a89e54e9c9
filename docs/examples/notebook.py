# %% [markdown]
# # Is this clip old?
# A notebook as plain Python: Jupyter (with jupytext), VS Code and Spyder run it cell by cell, and
# `python notebook.py` runs it whole. It works on the sample clips of the repository.

# %%
import csv
from pathlib import Path

from provenance import Archive, Claim, check, check_all

SAMPLES = Path("samples")
archive = Archive.open("notebook-archive")

# %% [markdown]
# ## What we know
# A table says of each file where and when it was published. Adding the same file with the same
# words again adds nothing, so this cell can be run as often as you like.

# %%
with (SAMPLES / "manifest.csv").open(encoding="utf-8", newline="") as table:
    for row in csv.DictReader(table):
        added = archive.add(SAMPLES / row.pop("file"), **row)
        print("new:  " if added.new else "known:", added.footage.title)

# %% [markdown]
# ## What is claimed

# %%
claim = Claim("Soldiers queue near the border", date="2024-10-29", place="Sumy, Ukraine")
report = check(SAMPLES / "checks" / "reused.mp4", claim=claim, archive=archive)
print(report.verdict.label)
print(report.verdict.summary)

# %% [markdown]
# ## Why

# %%
for reason in report.verdict.reasons:
    print(f"{reason.strength:>7}  {reason.text}")

# %% [markdown]
# ## Which seconds are which

# %%
for match in report.matches:
    for part in match.segments:
        print(
            f"{part.query_start:5.1f} to {part.query_end:5.1f} s is"
            f" {part.reference_start:5.1f} to {part.reference_end:5.1f} s of footage",
            match.footage.id,
            "(mirrored)" if part.mirrored else "",
        )

# %% [markdown]
# ## Many at once, as a table

# %%
rows = [
    (Path(one.source.location).name, one.error.message if one.error else one.verdict.label)
    for one in check_all(sorted((SAMPLES / "checks").glob("*.mp4")), archive=archive)
]
for name, said in rows:
    print(f"{name:15} {said}")

# %%
archive.close()
