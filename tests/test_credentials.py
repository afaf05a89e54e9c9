"""Content Credentials: what a file carries signed, told with what that is worth."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import credential_maker as maker
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from web import LOCAL_HOSTS, web_server

from provenance.claims import claim_interval
from provenance.credentials import read_anchors, read_credentials
from provenance.credentials.formats import sniffed_format
from provenance.credentials.interpreting import interpreted
from provenance.dates import When
from provenance.errors import SettingsError
from provenance.models import Claim, Source
from provenance.models.attestation import (
    ContentCredentials,
    CredentialIngredient,
    CredentialProblem,
    credentials_dict,
)
from provenance.report.credentials import lines, state_words
from provenance.report.json_report import schema
from provenance.settings import Settings, load_settings
from provenance.verdict import judge
from provenance.verdict.credential_reasons import credential_reasons
from provenance.verdict.wording import Limit

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "footage"
SAMPLE = ROOT / "samples" / "checks" / "unrelated.mp4"
GENERATED = maker.created("trainedAlgorithmicMedia")
needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="the real footage lies outside the repository"
)
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes time stamps")


@pytest.fixture(scope="module")
def desk() -> maker.Authority:
    return maker.Authority("Example Desk")


@pytest.fixture(scope="module")
def camera(desk: maker.Authority) -> maker.Signer:
    return desk.signer("Camera 7")


@pytest.fixture(scope="module")
def generated(camera: maker.Signer) -> bytes:
    """A picture whose credentials say that AI made it."""
    return maker.sign(maker.picture(), maker.manifest(GENERATED), camera)[0]


def trusting(folder: Path, *authorities: maker.Authority) -> Settings:
    path = folder / "anchors.pem"
    path.write_text("Our own list\n" + "".join(authority.pem for authority in authorities))
    return Settings(credentials_anchors=str(path))


def read(
    folder: Path, content: bytes, settings: Settings | None = None, name: str = "a.jpg"
) -> ContentCredentials:
    found = read_credentials(saved(folder, content, name), settings or Settings())
    assert found is not None
    return found


def saved(folder: Path, content: bytes, name: str = "a.jpg") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def changed(content: bytes, at: int) -> bytes:
    copy = bytearray(content)
    copy[at] ^= 0x15
    return bytes(copy)


def codes(credentials: ContentCredentials) -> set[str]:
    return {problem.code for problem in credentials.problems}


# --- states


def test_an_intact_file_by_an_unknown_signer_is_valid_and_no_more(
    tmp_path: Path, generated: bytes
) -> None:
    found = read(tmp_path, generated)
    assert (found.state, found.signer, found.issuer) == ("valid", "Camera 7", "Example Camera Co")
    assert (found.generator, found.title) == ("Example Painter 1.2", "A parade")
    assert (found.problems, found.anchors) == ((), 0)
    assert "No trust anchors are set" in state_words(found)
    assert "may be anyone's" in state_words(found)


def test_a_signer_that_a_trust_anchor_vouches_for_is_trusted(
    tmp_path: Path, desk: maker.Authority, generated: bytes
) -> None:
    found = read(tmp_path, generated, trusting(tmp_path, maker.Authority("Another"), desk))
    assert (found.state, found.anchors) == ("trusted", 2)
    assert "vouches for the signer" in state_words(found)


def test_an_anchor_of_somebody_else_vouches_for_nobody(tmp_path: Path, generated: bytes) -> None:
    found = read(tmp_path, generated, trusting(tmp_path, maker.Authority("Somebody else")))
    assert (found.state, found.anchors) == ("valid", 1)
    assert "one trust anchor that is set does not vouch" in state_words(found)


def test_a_picture_changed_after_signing_is_told_as_broken_also_by_a_trusted_signer(
    tmp_path: Path, desk: maker.Authority, generated: bytes
) -> None:
    tampered = changed(generated, len(generated) - 200)
    for settings in (Settings(), trusting(tmp_path, desk)):
        found = read(tmp_path, tampered, settings)
        assert found.state == "invalid"
        assert codes(found) == {"assertion.dataHash.mismatch"}
        assert "contents are not those that were signed" in state_words(found)


def test_a_statement_changed_after_signing_is_told_as_broken(
    tmp_path: Path, desk: maker.Authority, generated: bytes
) -> None:
    at = generated.index(b"trainedAlgorithmicMedia")
    found = read(tmp_path, changed(generated, at), trusting(tmp_path, desk))
    assert found.state == "invalid"
    assert "a statement in the credentials was changed after signing" in state_words(found)


def test_a_signed_clip_is_read_and_one_changed_byte_of_it_shows(
    tmp_path: Path, desk: maker.Authority, camera: maker.Signer
) -> None:
    claim = maker.manifest(maker.created("digitalCapture"), title="unrelated.mp4")
    signed, _ = maker.sign(SAMPLE.read_bytes(), claim, camera, "video/mp4")
    settings = trusting(tmp_path, desk)
    found = read(tmp_path, signed, settings, "a.mp4")
    assert (found.state, found.source_types) == ("trusted", ("digitalCapture",))
    assert found.generated is None
    tampered = read(tmp_path, changed(signed, len(signed) // 2), settings, "a.mp4")
    assert (tampered.state, codes(tampered)) == ("invalid", {"assertion.bmffHash.mismatch"})


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("signingCredential.expired", "the certificate had expired"),
        ("signingCredential.ocsp.revoked", "the certificate was revoked"),
        ("claimSignature.mismatch", "the signature does not fit"),
        ("something.new", "in the library's words"),
    ],
)
def test_every_failure_is_told_in_words(code: str, said: str) -> None:
    failure = {"code": code, "explanation": "in the library's words"}
    untrusted = {"code": "signingCredential.untrusted", "explanation": "who is that"}
    found = interpreted(
        {
            "active_manifest": "m",
            "manifests": {"m": {}},
            "validation_state": "Invalid",
            "validation_results": {"activeManifest": {"failure": [untrusted, failure]}},
        },
        0,
    )
    assert codes(found) == {code}
    assert said in state_words(found)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF"])
def test_stills_of_other_formats_are_read_too(
    tmp_path: Path, camera: maker.Signer, kind: str
) -> None:
    mime = f"image/{kind.lower()}"
    content, _ = maker.sign(maker.picture(kind), maker.manifest(), camera, mime)
    assert sniffed_format(content[:32]) == mime
    assert read(tmp_path, content, name="a.bin").state == "valid"


# --- none, and no noise


def test_files_without_credentials_have_none(tmp_path: Path) -> None:
    assert read_credentials(SAMPLE) is None
    assert read_credentials(saved(tmp_path, maker.picture())) is None
    assert read_credentials(tmp_path / "missing.mp4") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x1aE\xdf\xa3" + b"webm" * 20,
        b"FLV\x01" + b"\0" * 60,
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 64,
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\xff" * 64,
        struct.pack(">I", 2**31) + b"moov" + b"\0" * 64,
        b"RIFF\xff\xff\xff\xffAVI LIST" + b"\xff" * 40,
    ],
    ids=["empty", "webm", "flv", "jpeg", "png", "mp4", "mov", "avi"],
)
def test_broken_files_and_other_formats_have_none_and_no_error(
    tmp_path: Path, content: bytes
) -> None:
    assert read_credentials(saved(tmp_path, content)) is None


@pytest.mark.parametrize("name", ["a.png", "a.webm", "a.txt", "a"])
def test_a_wrong_extension_does_not_choose_the_parser(
    tmp_path: Path, generated: bytes, name: str
) -> None:
    assert read(tmp_path, generated, name=name).state == "valid"


@needs_shared
def test_a_real_clip_by_a_test_signer_is_valid_and_its_copy_without_them_has_none() -> None:
    found = read_credentials(SHARED / "clips" / "contentauth_c2pa-python__video1.mp4")
    assert found is not None
    assert (found.state, found.authors) == ("valid", ("Joe Bloggs",))
    assert found.time_authority == "DigiCert Timestamp 2023"
    # The library trusts the authority of so old a claim unasked; no anchor of ours does.
    assert found.signed_at is not None
    assert (found.signed_at.value, found.time_basis) == ("2023-12-02T16:34:19Z", "authority")
    parent = found.ingredients[0]
    assert (parent.relationship, parent.state, parent.signer) == ("parentOf", "valid", "Bob")
    assert read_credentials(SHARED / "odd" / "contentauth_c2pa-rs__video1_no_manifest.mp4") is None
    assert read_credentials(SHARED / "clips" / "contentauth_c2pa-python__test.avi") is None


# --- damaged, crashed, out of time


@pytest.mark.parametrize("box", [b"c2cl", b"c2cs"])
def test_credentials_damaged_beyond_reading_are_told_as_unreadable(
    tmp_path: Path, generated: bytes, box: bytes
) -> None:
    found = read(tmp_path, generated.replace(box, b"xxxx", 1))
    assert found.state == "unreadable"
    assert "cannot be read" in state_words(found)


def test_a_reader_out_of_memory_says_that_there_are_some_and_none_where_there_are_none(
    tmp_path: Path, generated: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from provenance.credentials import reader

    monkeypatch.setattr(reader, "TIMEOUT", 0.01)
    assert read_credentials(saved(tmp_path, maker.picture())) is None
    monkeypatch.undo()
    real = reader.run_worker

    def starved(module: str, arguments: list[str], limits: Any) -> Any:
        if arguments[0] == "read":
            limits = replace(limits, memory=16 << 20)
        return real(module, arguments, limits)

    monkeypatch.setattr(reader, "run_worker", starved)
    assert read(tmp_path, generated).state == "unreadable"
    assert read_credentials(saved(tmp_path, maker.picture(), "b.jpg")) is None


# --- time


@needs_openssl
def test_a_time_of_signing_is_told_with_who_stands_behind_it(
    tmp_path: Path, desk: maker.Authority, camera: maker.Signer
) -> None:
    timers = maker.Authority("Example Time")
    folder = tmp_path / "clock"
    folder.mkdir()
    with maker.clock(timers, folder) as address:
        content, _ = maker.sign(maker.picture(), maker.manifest(), camera, clock=address)
    unknown = read(tmp_path, content, trusting(tmp_path, desk))
    assert (unknown.time_basis, unknown.time_authority) == ("authority", "Clock 1")
    known = read(tmp_path, content, trusting(tmp_path, desk, timers))
    assert known.time_basis == "trusted_authority"
    assert known.signed_at is not None
    assert dict(lines(known))["Signed on"].endswith("Clock 1 (a trust anchor vouches for it)")


def test_without_a_time_stamp_no_time_of_signing_is_claimed(
    tmp_path: Path, generated: bytes
) -> None:
    found = read(tmp_path, generated)
    assert (found.signed_at, found.time_basis) == (None, None)
    assert found.actions[0].when == When.parse("2024-05-02T10:11:12Z")
    assert "by the signer's clock" in dict(lines(found))["Steps"]


# --- the network


def test_credentials_kept_elsewhere_are_fetched_only_where_a_setting_allows_it(
    tmp_path: Path, camera: maker.Signer
) -> None:
    store = b""
    with maker.serving(lambda _: store, "application/c2pa") as (address, asked):
        content, store = maker.sign(
            maker.picture(), maker.manifest(GENERATED), camera, remote=address
        )
        asked.clear()
        found = read(tmp_path, content)
        assert (found.state, found.remote_url, asked) == ("not_fetched", address, [])
        allowing = Settings(credentials_network=True, download_local_hosts=urlsplit(address).netloc)
        allowed = read(tmp_path, content, allowing)
        assert (allowed.state, allowed.generated, len(asked)) == ("valid", "generated", 1)
        assert allowed.remote_url == address
    gone = read(tmp_path, content, allowing)
    assert (gone.state, gone.remote_url) == ("unreadable", address)


def test_a_file_does_not_send_us_to_a_server_of_our_own_network_for_its_credentials(
    tmp_path: Path, camera: maker.Signer
) -> None:
    with web_server() as listed, web_server(listed=False) as secret:
        content, store = maker.sign(
            maker.picture(), maker.manifest(GENERATED), camera, remote=secret.url("/m.c2pa")
        )
        secret.file("/m.c2pa", store)
        address = listed.redirect("/m.c2pa", secret.url("/m.c2pa"))
        redirected, _ = maker.sign(
            maker.picture(), maker.manifest(GENERATED), camera, remote=address
        )
        allowing = Settings(credentials_network=True, download_local_hosts=LOCAL_HOSTS)
        for asking in (content, redirected):
            found = read(tmp_path, asking, allowing)
            assert found.state == "unreadable"
            assert "no address of the public internet" in found.problems[0].text
        assert listed.requests == ["/m.c2pa"]
        assert secret.connections == 0


# --- what they say


def test_what_ai_made_is_told_as_such(tmp_path: Path, generated: bytes) -> None:
    found = read(tmp_path, generated)
    assert (found.generated, found.source_types) == ("generated", ("trainedAlgorithmicMedia",))
    assert dict(lines(found))["AI"].startswith("generated by AI")


@pytest.mark.parametrize("kind", ["compositeWithTrainedAlgorithmicMedia", "compositeSynthetic"])
def test_what_ai_changed_in_part_is_told_as_such(
    tmp_path: Path, camera: maker.Signer, kind: str
) -> None:
    steps = (maker.created("digitalCapture"), {**maker.created(kind), "action": "c2pa.edited"})
    content, _ = maker.sign(maker.picture(), maker.manifest(*steps), camera)
    assert read(tmp_path, content).generated == "partly_generated"


@pytest.mark.parametrize(
    ("relationship", "said"),
    [("parentOf", "generated"), ("componentOf", "partly_generated"), ("inputTo", None)],
)
def test_what_the_file_was_made_from_counts_as_far_as_it_shows(
    tmp_path: Path,
    desk: maker.Authority,
    camera: maker.Signer,
    generated: bytes,
    relationship: str,
    said: str | None,
) -> None:
    steps = [maker.used(relationship), {"action": "c2pa.cropped"}]
    if relationship != "parentOf":
        steps = [maker.created("composite"), *steps]
    claim = maker.manifest(*steps, program="Example Editor")
    content, _ = maker.sign(maker.picture(), claim, camera, ingredients={relationship: generated})
    found = read(tmp_path, content, trusting(tmp_path, desk))
    assert (found.generator, found.generated) == ("Example Editor 1.2", said)
    (ingredient,) = found.ingredients
    assert (ingredient.title, ingredient.relationship) == (f"the {relationship}", relationship)
    assert (ingredient.state, ingredient.level) == ("trusted", 1)
    assert ingredient.source_types == ("trainedAlgorithmicMedia",)


def test_an_ingredient_that_was_tampered_with_is_told_as_broken(
    tmp_path: Path, desk: maker.Authority, camera: maker.Signer, generated: bytes
) -> None:
    tampered = changed(generated, len(generated) - 200)
    claim = maker.manifest(maker.created("composite"), maker.used("componentOf"))
    content, _ = maker.sign(maker.picture(), claim, camera, ingredients={"componentOf": tampered})
    found = read(tmp_path, content, trusting(tmp_path, desk))
    assert found.ingredients[0].state == "invalid"


def test_ingredients_of_ingredients_are_followed(
    tmp_path: Path, camera: maker.Signer, generated: bytes
) -> None:
    content = generated
    for _ in range(3):
        content, _ = maker.sign(
            maker.picture(),
            maker.manifest(maker.used("parentOf"), {"action": "c2pa.cropped"}),
            camera,
            ingredients={"parentOf": content},
        )
    found = read(tmp_path, content)
    assert [ingredient.level for ingredient in found.ingredients] == [1, 2, 3]
    assert found.generated == "generated"


# --- the verdict


def reasons(credentials: ContentCredentials, date: str | None = None) -> dict[str, str]:
    interval = claim_interval(Claim("", date=date)) if date else None
    limit = Limit(*interval) if interval else None
    return {reason.kind: reason.strength for reason in credential_reasons(credentials, limit)}


@pytest.mark.parametrize(
    ("state", "strength"), [("trusted", "strong"), ("valid", "medium"), ("invalid", "weak")]
)
def test_generated_by_ai_weighs_as_much_as_the_signer_is_known(state: Any, strength: str) -> None:
    told = ContentCredentials(state, signer="Camera 7", generated="generated")
    assert reasons(told)["credentials_generated"] == strength
    partly = replace(told, generated="partly_generated")
    assert reasons(partly)["credentials_partly_generated"] == strength


@pytest.mark.parametrize(
    ("state", "strength"), [("trusted", "strong"), ("valid", "medium"), ("invalid", "weak")]
)
def test_what_only_an_ingredient_says_weighs_as_much_as_its_own_signer(
    state: Any, strength: str
) -> None:
    types = ("trainedAlgorithmicMedia",)
    parent = CredentialIngredient("a", "parentOf", state=state, source_types=types)
    told = ContentCredentials("trusted", generated="generated", ingredients=(parent,))
    assert reasons(told)["credentials_generated"] == strength
    assert reasons(replace(told, source_types=types))["credentials_generated"] == "strong"


def test_unread_credentials_say_nothing_of_ai() -> None:
    assert reasons(ContentCredentials("not_fetched", generated="generated")) == {}


def test_credentials_never_move_the_label_and_stand_first_among_the_reasons() -> None:
    source = Source("a.mp4", duration=5.0)
    told = ContentCredentials("trusted", signer="Camera 7", generated="generated")
    plain = judge(source=source, claim=None, matches=[], usable=True)
    verdict = judge(source=source, claim=None, matches=[], usable=True, credentials=told)
    assert (verdict.label, verdict.summary) == (plain.label, plain.summary)
    first = verdict.reasons[0]
    assert (first.kind, first.strength) == ("credentials_generated", "strong")
    assert "“Camera 7”" in first.text


def test_what_was_rendered_and_not_filmed_is_told() -> None:
    told = ContentCredentials("valid", source_types=("virtualRecording",))
    assert reasons(told) == {"credentials_not_filmed": "medium"}
    assert reasons(ContentCredentials("valid", source_types=("digitalCapture",))) == {}


def test_a_time_stamp_before_the_claim_counts_by_who_gave_it() -> None:
    signed = When.parse("2019-05-02T10:00:00Z")
    told = ContentCredentials("valid", signed_at=signed, time_basis="authority")
    assert reasons(told, "2024-10-29") == {"credentials_predate_claim": "weak"}
    known = replace(told, time_basis="trusted_authority")
    assert reasons(known, "2024-10-29") == {"credentials_predate_claim": "strong"}
    assert reasons(known, "2019-05-02") == {}
    assert reasons(known) == {}
    assert "credentials_predate_claim" not in reasons(replace(known, state="invalid"), "2024")


def test_broken_credentials_are_a_reason_to_look_and_no_accusation() -> None:
    problem = CredentialProblem("assertion.dataHash.mismatch", "the contents changed")
    told = ContentCredentials("invalid", problems=(problem,))
    (reason,) = credential_reasons(told, None)
    assert (reason.kind, reason.strength) == ("credentials_broken", "medium")
    assert "without any intent" in reason.text


# --- settings


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "hold no certificate"),
        (b"not a certificate", "hold no certificate"),
        (
            b"-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n",
            "Certificate 1 in the trust anchors",
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
            "Certificate 1 in the trust anchors",
        ),
    ],
    ids=["missing", "empty", "text", "garbage", "no-certificate"],
)
def test_trust_anchors_that_cannot_be_used_are_an_error_that_names_the_file(
    tmp_path: Path, generated: bytes, content: bytes | None, said: str
) -> None:
    path = tmp_path / "anchors.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, generated, Settings(credentials_anchors=str(path)))
    assert said in caught.value.message
    assert str(path) in caught.value.message
    assert "credentials_anchors" in caught.value.hint


def test_without_anchors_there_are_none() -> None:
    assert read_anchors(Settings()).number == 0


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("0", False), ("False", False)])
def test_the_network_is_allowed_by_a_word_of_the_environment(text: str, value: bool) -> None:
    environment = {"PROVENANCE_CREDENTIALS_NETWORK": text, "PROVENANCE_CONFIG": ""}
    assert load_settings(environment=environment).credentials_network is value


def test_a_word_that_is_neither_yes_nor_no_is_an_error() -> None:
    with pytest.raises(SettingsError, match="neither yes nor no"):
        load_settings(environment={"PROVENANCE_CREDENTIALS_NETWORK": "maybe"})


# --- hostile stores

_WORDS = st.sampled_from(
    [
        *("active_manifest", "manifests", "validation_state", "validation_results", "assertions"),
        *("label", "data", "actions", "action", "digitalSourceType", "ingredients", "title", "m"),
        *("c2pa.actions", "c2pa.created", "activeManifest", "success", "failure", "code", "name"),
        *("ingredientDeltas", "validationDeltas", "signature_info", "time", "common_name"),
        *("Trusted", "timeStamp.trusted", "2024-05-02T10:11:12Z", "relationship", "parentOf"),
        *("claim_generator_info", "softwareAgent", "explanation", "author"),
        "stds.schema-org.CreativeWork",
        maker.IPTC + "trainedAlgorithmicMedia",
    ]
)
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | _WORDS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_WORDS | st.text(), inner, max_size=5)
    ),
    max_leaves=25,
)
_SCHEMA = schema()
BY_SCHEMA = Draft202012Validator(
    {**_SCHEMA["properties"]["content_credentials"], "$defs": _SCHEMA["$defs"]}
)


@given(_JUNK, _JUNK, _JUNK)
@trying(max_examples=60, deadline=None)
def test_any_store_at_all_gives_credentials_by_the_schema(
    store: Any, manifests: Any, assertions: Any
) -> None:
    shaped = {
        "active_manifest": "m",
        "validation_state": "Valid",
        "manifests": {"m": {"assertions": assertions, "ingredients": manifests, "title": "x"}},
        "validation_results": store,
    }
    for candidate in (store, shaped):
        found = interpreted(candidate, 0)
        data = json.loads(json.dumps(credentials_dict(found), allow_nan=False))
        assert list(BY_SCHEMA.iter_errors(data)) == []
        assert all(isinstance(value, str) and value for _, value in lines(found))
        credential_reasons(found, None)


def test_a_manifest_that_is_made_from_itself_ends() -> None:
    ingredient = {"title": "me", "active_manifest": "m", "relationship": "parentOf"}
    store: Mapping[str, Any] = {
        "active_manifest": "m",
        "validation_state": "Valid",
        "manifests": {"m": {"ingredients": [ingredient, ingredient, ingredient]}},
    }
    assert len(interpreted(store, 0).ingredients) <= 50


def test_names_in_a_certificate_cannot_steer_a_terminal(tmp_path: Path) -> None:
    nasty = maker.Authority("Bad").signer("Re\u202eal \x1b[31mCo”", organisation="x\u2066y")
    content, _ = maker.sign(maker.picture(), maker.manifest(title="a\x07b\u202ec"), nasty)
    found = read(tmp_path, content)
    assert (found.signer, found.issuer, found.title) == ("Real [31mCo”", "xy", "abc")
