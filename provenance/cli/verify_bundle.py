"""`provenance verify-bundle`: is an evidence bundle what it was when it was written?"""

from __future__ import annotations

from dataclasses import asdict

import click

from provenance.cli._options import everywhere, json_option, pass_session
from provenance.cli._session import Session
from provenance.errors import BundleError


@everywhere
@click.command("verify-bundle", short_help="Tell whether an evidence bundle is sound.")
@click.argument("file", metavar="FILE.zip")
@click.option(
    "--source",
    metavar="CLIP",
    help="The video that was checked, to be held against the SHA-256 in the bundle.",
)
@click.option(
    "--timestamp-roots",
    "roots",
    metavar="FILE.pem",
    help="Certificates that signers of time stamps are trusted by.",
)
@json_option("what was looked at")
@pass_session
def command(
    session: Session, /, *, file: str, source: str | None, roots: str | None, as_json: bool
) -> int:
    """Tell whether an evidence bundle is what it was when `check --bundle` wrote it: no file is
    missing, changed or added, the report is sound, and the time stamp, where there is one, is about
    this bundle and holds.

    Exit code 0: it is; 12: it is not; 4: there is no such file, or it is no bundle.
    """
    from dataclasses import replace

    from provenance.bundle import verify_bundle
    from provenance.report.wording import clean

    settings = session.settings
    if roots:
        settings = replace(settings, timestamp_roots=roots)
    verdict = verify_bundle(file, settings, source)
    if as_json:
        session.terminal.out_json(
            {
                "file": file,
                "sound": verdict.sound,
                "manifest_sha256": verdict.manifest_sha256,
                "findings": [asdict(finding) for finding in verdict.findings],
            }
        )
    else:
        lines = [f"{finding.status:<5} {clean(finding.text)}" for finding in verdict.findings]
        if verdict.manifest_sha256:
            lines.append(f"      SHA-256 of the manifest: {verdict.manifest_sha256}")
        result = "is what it was when it was written" if verdict.sound else "cannot be relied on"
        lines.append(f"{clean(file)} {result}.")
        session.terminal.out("\n".join(lines) + "\n")
    return 0 if verdict.sound else BundleError.exit_code
