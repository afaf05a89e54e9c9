"""No address that strangers give leads into the network that this program runs in."""

from __future__ import annotations

import ipaddress
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from command_line import make_clip
from hypothesis import given
from hypothesis import strategies as st
from proxies import socks_proxy, tunnel
from web import LOCAL_HOSTS, Web, web_server

from provenance.bundle.stamps import StampError, request_stamp
from provenance.doctor import examine
from provenance.download import download, download_or_list
from provenance.download.addresses import Address, is_public, literal
from provenance.download.network import read_cookies, read_network
from provenance.errors import DownloadError, SettingsError
from provenance.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SETTINGS = Settings(
    ffmpeg=FFMPEG,
    download_retries=2,
    download_stall=30.0,
    download_timeout=120.0,
    download_local_hosts=LOCAL_HOSTS,
    download_pause=0.0,
    download_cache_max_bytes=0,
)
PASSWD = "file:///etc/passwd"


@pytest.fixture
def secret() -> Iterator[Web]:
    """A server of this machine that no setting lists."""
    with web_server(listed=False) as server:
        for path in ("/", "/a.mp4", "/key", "/inner.m3u8"):
            server.file(path, b"the secret of an internal service")
        yield server


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_clip(tmp_path_factory.mktemp("clip") / "a.mp4", seconds=1).read_bytes()


def refused(url: str, folder: Path, settings: Settings = SETTINGS) -> DownloadError:
    with pytest.raises(DownloadError) as caught:
        download(url, folder, settings)
    assert caught.value.exit_code == 3
    assert list(folder.iterdir()) == [], "something was left behind"
    for inner in ("root:", "the secret", "Traceback", "caused by"):
        assert inner not in str(caught.value)
    return caught.value


def refused_as_private(url: str, folder: Path, settings: Settings = SETTINGS) -> DownloadError:
    error = refused(url, folder, settings)
    assert "no address of the public internet" in error.message
    assert "PROVENANCE_DOWNLOAD_LOCAL_HOSTS=" in error.hint
    return error


def playlist(
    segment: str = "/a.mp4", key: str = "", start: str = "", head: str = "#EXT-X-PLAYLIST-TYPE:VOD"
) -> bytes:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", head]
    lines += [f'#EXT-X-KEY:METHOD=AES-128,URI="{key}"'] if key else []
    lines += [f'#EXT-X-MAP:URI="{start}"'] if start else []
    return "\n".join([*lines, "#EXTINF:1.0,", segment, "#EXT-X-ENDLIST", ""]).encode()


def master(inner: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n{inner}\n".encode()


def dash(inner: str) -> bytes:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1.5S"><Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="1" bandwidth="1000"><BaseURL>{inner}</BaseURL></Representation>'
        "</AdaptationSet></Period></MPD>"
    ).encode()


# --- which addresses are public

# The blocks of the IANA registries of special addresses (RFC 6890) that do not lead into the
# internet, multicast, and what is given up or kept for later.
SPECIAL = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
    *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    *("::/96", "100::/64", "64:ff9b:1::/48", "2001::/32", "2001:2::/48", "2001:db8::/32"),
    *("2001:20::/28", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
]
NETWORKS = [ipaddress.ip_network(block) for block in SPECIAL]
V4 = [network for network in NETWORKS if isinstance(network, ipaddress.IPv4Network)]


def in_special_block(address: Address) -> bool:
    return any(address in network for network in NETWORKS if network.version == address.version)


@st.composite
def special_addresses(draw: st.DrawFn) -> Address:
    network = draw(st.sampled_from(NETWORKS))
    return network[draw(st.integers(0, network.num_addresses - 1))]


@given(special_addresses())
def test_no_address_of_a_special_block_is_public(address: Address) -> None:
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_every_other_ipv4_address_is_public(address: ipaddress.IPv4Address) -> None:
    assert is_public(address) is not in_special_block(address)


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_is_public_only_where_ipv6_is_given_out(
    address: ipaddress.IPv6Address,
) -> None:
    if is_public(address) and address not in ipaddress.ip_network("64:ff9b::/96"):
        assert address in ipaddress.ip_network("2000::/3") or address.ipv4_mapped
        assert not in_special_block(address)


@given(st.one_of(st.ip_addresses(v=4), st.sampled_from([network[1] for network in V4])))
def test_an_ipv4_address_inside_an_ipv6_one_counts(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    carrying = {
        "mapped": (0xFFFF << 32) | number,
        "NAT64": (0x64FF9B << 96) | number,
        "6to4": (0x2002 << 112) | (number << 80),
        "ISATAP": (0x2606_4700 << 96) | (0x5EFE << 32) | number,
    }
    for how, value in carrying.items():
        assert is_public(ipaddress.IPv6Address(value)) is is_public(inner), how
    teredo = (0x2001_0000 << 96) | (number ^ 0xFFFFFFFF)
    assert not is_public(ipaddress.IPv6Address(teredo))


@given(st.ip_addresses())
def test_an_address_is_read_however_it_is_written(address: Address) -> None:
    assert literal(str(address)) == address
    if isinstance(address, ipaddress.IPv4Address):
        a, b, c, d = address.packed
        for text in (str(int(address)), hex(int(address)), f"0{a:o}.{b:#x}.{c * 256 + d}"):
            assert literal(text) == address
    else:
        assert literal(f"[{address.exploded}]") == address


@pytest.mark.parametrize(
    "host", ["1.1.1.1 evil.example", "1.1.1.1\tx", "1.1.1.1%0", "", "x", "1:2"]
)
def test_what_only_begins_like_an_address_is_a_name(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1", "2a00:1450::1"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


# --- downloads


@pytest.mark.parametrize("host", ["0x7f000001", "[::1]", "[::ffff:127.0.0.1]"])
def test_this_machine_is_not_asked_however_its_address_is_written(
    secret: Web, tmp_path: Path, host: str
) -> None:
    url = secret.url("/a.mp4").replace("127.0.0.1", host)
    refused_as_private(url, tmp_path, replace(SETTINGS, download_local_hosts=""))
    assert secret.connections == 0


def test_the_address_that_was_refused_is_told(tmp_path: Path) -> None:
    error = refused_as_private("http://169.254.169.254/latest/meta-data/a.mp4", tmp_path)
    assert "it leads to 169.254.169.254:80," in error.message
    assert error.hint.endswith("PROVENANCE_DOWNLOAD_LOCAL_HOSTS=169.254.169.254:80.")


def test_a_refused_name_is_told_with_its_addresses(secret: Web, tmp_path: Path) -> None:
    url = secret.url("/a.mp4").replace("127.0.0.1", "localhost")
    error = refused_as_private(url, tmp_path)
    assert f"127.0.0.1:{secret.port}" in error.message and "(localhost)" in error.message


def test_a_server_is_listed_by_its_address_or_by_its_name(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    by_address = web.file("/a.mp4", clip)
    by_name = by_address.replace("127.0.0.1", "localhost")
    named = replace(SETTINGS, download_local_hosts=f"LocalHost:{web.port}")
    assert download(by_address, tmp_path, SETTINGS).path.read_bytes() == clip
    assert download(by_name, tmp_path, SETTINGS).path.read_bytes() == clip
    assert download(by_name, tmp_path, named).path.read_bytes() == clip
    web.requests.clear()
    with pytest.raises(DownloadError, match="no address of the public internet"):
        download(by_address, tmp_path, named)
    assert web.requests == []


def test_a_listed_server_that_redirects_to_another_port_leads_nowhere(
    web: Web, secret: Web, tmp_path: Path
) -> None:
    direct = web.redirect("/r.mp4", secret.url("/a.mp4"))
    twice = web.redirect("/r2.mp4", direct)
    error = refused_as_private(twice, tmp_path)
    assert f"127.0.0.1:{secret.port}" in error.message
    with pytest.raises(DownloadError, match="no address of the public internet"):
        download_or_list(direct, tmp_path, SETTINGS)
    assert secret.connections == 0
    assert web.requests == ["/r2.mp4", "/r.mp4", "/r.mp4"], "a refusal is not tried again"


def test_a_page_does_not_lead_to_a_local_service(web: Web, secret: Web, tmp_path: Path) -> None:
    pages = [
        f'<video src="{secret.url("/a.mp4")}"></video>',
        f'<meta http-equiv="refresh" content="0; url={secret.url("/")}">',
        f'<iframe src="{secret.url("/")}" allowfullscreen></iframe>',
    ]
    for number, page in enumerate(pages):
        refused(web.page(f"/{number}.html", page), tmp_path)
    assert secret.connections == 0


def manifests(target: str) -> dict[str, bytes]:
    return {
        "/segment.m3u8": playlist(segment=target),
        "/key.m3u8": playlist(key=target),
        "/start.m3u8": playlist(start=target),
        "/nested.m3u8": master(target),
        "/dash.mpd": dash(target),
    }


@pytest.mark.parametrize("name", list(manifests("")))
def test_a_playlist_does_not_lead_to_a_local_service(
    web: Web, secret: Web, clip: bytes, tmp_path: Path, name: str
) -> None:
    web.file("/a.mp4", clip)
    url = web.file(name, manifests(secret.url("/inner.m3u8"))[name])
    refused_as_private(url, tmp_path)
    assert secret.connections == 0


@pytest.mark.parametrize("name", list(manifests("")))
def test_a_playlist_does_not_lead_to_a_file_of_ours(
    web: Web, clip: bytes, tmp_path: Path, name: str
) -> None:
    web.file("/a.mp4", clip)
    url = web.file(name, manifests(PASSWD)[name])
    refused(url, tmp_path)


def test_a_playlist_in_a_playlist_leads_nowhere_either(
    web: Web, secret: Web, tmp_path: Path
) -> None:
    inner = web.file("/inner.m3u8", playlist(segment=PASSWD))
    error = refused(web.file("/files.m3u8", master(inner)), tmp_path)
    assert "only http and https" in error.message
    inner = web.file("/inner.m3u8", playlist(segment=secret.url("/a.mp4")))
    refused_as_private(web.file("/service.m3u8", master(inner)), tmp_path)
    assert secret.connections == 0


def test_a_stream_that_only_ffmpeg_could_fetch_is_refused_before_ffmpeg_is_started(
    web: Web, secret: Web, tmp_path: Path
) -> None:
    body = playlist(segment=secret.url("/a.mp4"), key=secret.url("/key"))
    url = web.file("/locked.m3u8", body.replace(b"AES-128", b"SAMPLE-AES"))
    assert "in a form that is not fetched here" in refused(url, tmp_path).message
    assert secret.connections == 0
    assert not any("Lavf" in agent for agent in web.agents)


# --- what a guarded process can do at all

FORMS = (
    *("127.0.0.1", "localhost", "LOCALHOST", "::1", "2130706433", "0x7f000001", "0177.0.0.1"),
    *(
        "127.1",
        "0.0.0.0",
        "0",
        "::",
        "::ffff:127.0.0.1",
        "0:0:0:0:0:ffff:7f00:0001",
        "１２７.0.0.1",
    ),
)
TARGETS = (
    *("http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://2130706433:{port}/"),
    *("http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://me:pw@127.1:{port}/"),
    *("http://10.0.0.7/", "https://169.254.169.254/", "http://files.internal/", "http://router/"),
    *(
        "http://alias.intern:{port}/",
        "http://nas.local/",
        "http://127.0.0.1:{port}\\\\@example.org/",
    ),
)
CHILD = """
import json, os, socket, subprocess, sys, urllib.request
sys.path.insert(0, sys.argv[1])
from yt_dlp.extractor.youtube.jsc._builtin.deno import DenoJCP
from provenance.download.guard import Guard
port, other = int(sys.argv[2]), int(sys.argv[3])
forms, targets = json.loads(sys.argv[5])
answers = []
real = socket.getaddrinfo
def resolver(host, port, *rest, **named):
    # A name server whose answers change from one question to the next.
    if host == "rebinding.example":
        return real(answers.pop(0), port, *rest, **named)
    if host == "both.example":
        return real("::1", port, *rest, **named) + real("127.0.0.1", port, *rest, **named)
    if host in ("media.intern", "alias.intern"):
        return real("127.0.0.1", port, *rest, **named)
    return real(host, port, *rest, **named)
socket.getaddrinfo = resolver
guard = Guard({("media.intern", port), ("127.0.0.1", int(sys.argv[6]))}, {"ffmpeg", "deno"})
guard.install()

def tried(work):
    try:
        return str(work())
    except OSError as error:
        return type(error).__name__

def rebinding():
    answers[:] = ["93.184.215.14", "127.0.0.1"]
    socket.getaddrinfo("rebinding.example", port)
    return socket.create_connection(("rebinding.example", port), timeout=5)

def stale():
    # Looked up under the listed name, and connected to at another port.
    socket.getaddrinfo("media.intern", port)
    return socket.socket().connect(("127.0.0.1", other))

def unwrapped():
    socket.getaddrinfo = real
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=5)
    finally:
        socket.getaddrinfo = guard._look_up

def through(url, proxy, connect=port):
    with guard.on_the_way_to(url, proxy):
        return socket.create_connection(("alias.intern", connect), timeout=5)

def starting(program, *words):
    sys.audit("os.posix_spawn", f"/opt/bin/{program}", [program, *words], {})
    return sys.audit("subprocess.Popen", f"/opt/bin/{program}", [program, *words], None, None)

deno_options = [*DenoJCP._DENO_BASE_OPTIONS, "--no-npm", "--cached-only"]
proxy = f"http://alias.intern:{port}"
remote = f"socks5h://alias.intern:{port}"
guard.name_proxies({proxy: proxy, remote: remote})
public = "http://93.184.215.14/"
print(json.dumps({
    "one of two": tried(lambda: socket.create_connection(("both.example", sys.argv[6])))[:20],
    "nothing refused": str(guard.refusal),
    "rebinding": tried(rebinding),
    "stale": tried(stale),
    "unwrapped": tried(unwrapped),
    "by number": tried(lambda: socket.socket().connect(("127.0.0.1", port))),
    "error number": tried(lambda: socket.socket().connect_ex(("127.0.0.1", port))),
    "by name": tried(lambda: socket.socket().connect(("localhost", port))),
    "another name": tried(lambda: socket.create_connection(("alias.intern", port))),
    "urllib": tried(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/")),
    "udp": tried(lambda: socket.socket(type=socket.SOCK_DGRAM).connect(("93.184.215.14", 53))),
    "datagram": tried(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("9.9.9.9", 53))),
    "unix": tried(lambda: socket.socket(socket.AF_UNIX).connect("/run/docker.sock")),
    "curl": tried(lambda: subprocess.run(["curl", f"http://127.0.0.1:{port}/"])),
    "shell": tried(lambda: subprocess.run("true", shell=True)),
    "system": tried(lambda: os.system("true")),
    "ffmpeg": tried(lambda: subprocess.run([sys.argv[4], "-i", f"http://127.0.0.1:{port}/"])),
    "spawned": tried(lambda: os.posix_spawn(sys.argv[4], ["ffmpeg", "-i", "http://x/"], {})),
    "ffmpeg rtmp": tried(lambda: subprocess.run(["ffmpeg", "-i", "rtmp:x"])),
    "deno": tried(lambda: subprocess.run(["deno", "run", "--allow-net", "-"])),
    **{host: tried(lambda: socket.create_connection((host, other), timeout=5)) for host in forms},
    **{
        f"{through_which} for {target}": tried(lambda: through(target, through_which))
        for target in (target.format(port=port) for target in targets)
        for through_which in (proxy, remote)
    },
    "proxy at another port": tried(lambda: through(public, proxy, other)),
    "a stranger's proxy": tried(lambda: through(public, f"http://localhost:{port}")),
    # Nothing is started and nothing sent: the hook is only asked.
    "deno as yt-dlp starts it": tried(lambda: starting("deno", "run", *deno_options, "-")),
    "ffmpeg with files": tried(lambda: starting("ffmpeg", "-i", "file:a", "file:b")),
    "public": tried(lambda: sys.audit("socket.connect", socket.socket(), ("93.184.215.14", 443))),
    "listed": tried(lambda: socket.create_connection(("media.intern", port)))[:20],
    "proxy": tried(lambda: through(public, proxy))[:20],
    "after the proxy": tried(lambda: socket.create_connection(("alias.intern", port))),
}))
"""


def test_a_guarded_process_reaches_nothing_but_what_it_may(web: Web, secret: Web) -> None:
    order = [str(ROOT), str(web.port), str(secret.port), FFMPEG, json.dumps([FORMS, TARGETS])]
    with web_server() as listed:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *order, str(listed.port)],
            capture_output=True,
            text=True,
            timeout=200,
            check=True,
        )
    found: dict[str, str] = json.loads(done.stdout)
    for harmless in ("public", "nothing refused", "deno as yt-dlp starts it", "ffmpeg with files"):
        assert found.pop(harmless) == "None", harmless
    for allowed in ("listed", "proxy", "one of two"):
        assert found.pop(allowed).startswith("<socket.socket"), allowed
    assert set(found.values()) <= {"RefusedError", "URLError"}, found
    assert secret.connections == 0
    assert web.connections == 2


# --- proxies


def through(port: int, scheme: str = "http", login: str = "") -> Settings:
    """Settings with a proxy of this machine, which is not listed."""
    return replace(SETTINGS, download_proxy=f"{scheme}://{login}127.0.0.1:{port}")


def test_the_user_s_proxy_is_asked_though_it_is_private(
    secret: Web, clip: bytes, tmp_path: Path
) -> None:
    secret.file("http://clips.example.org/a.mp4", clip)
    url = "http://clips.example.org/a.mp4"
    assert download(url, tmp_path, through(secret.port)).path.read_bytes() == clip


def test_proxies_of_the_environment_count_and_the_setting_counts_more(
    secret: Web, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret.file("http://clips.example.org/a.mp4", clip)
    url = "http://clips.example.org/a.mp4"
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{secret.port}")
    assert download(url, tmp_path, SETTINGS).path.read_bytes() == clip
    seen = secret.connections
    with pytest.raises(DownloadError):
        download(url, tmp_path, replace(SETTINGS, download_proxy="none"))
    with pytest.raises(DownloadError):
        download(url, tmp_path, replace(SETTINGS, download_proxy="http://127.0.0.1:9"))
    monkeypatch.setenv("NO_PROXY", "example.org")
    with pytest.raises(DownloadError):
        download(url, tmp_path, SETTINGS)
    assert secret.connections == seen


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_a_proxy_is_not_asked_for_private_addresses(
    secret: Web, tmp_path: Path, scheme: str
) -> None:
    """The proxy's own port, as the target of a request, is a private server like any other."""
    refused_as_private(secret.url("/a.mp4"), tmp_path, through(secret.port, scheme))
    assert secret.connections == 0


def test_a_redirect_from_behind_the_proxy_leads_to_no_private_address(
    secret: Web, tmp_path: Path
) -> None:
    url = "http://clips.example.org/a.mp4"
    for target in (f"http://127.0.0.1:{secret.port}/a.mp4", "http://10.0.0.7/a.mp4"):
        secret.redirect(url, target)
        refused_as_private(url, tmp_path, through(secret.port))
    assert set(secret.requests) == {url}


def test_past_the_proxy_its_port_is_a_private_server(
    secret: Web, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{secret.port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    refused_as_private(web.redirect("/r.mp4", secret.url("/a.mp4")), tmp_path)
    assert secret.connections == 0


def test_a_socks_proxy_looks_names_up_itself(clip: bytes, tmp_path: Path) -> None:
    with web_server(listed=False) as behind, socks_proxy(behind.port) as proxy:
        behind.file("/a.mp4", clip)
        settings = through(proxy.port, "socks5h", "me:hidden@")
        url = "http://clips.example.org/a.mp4"
        assert download(url, tmp_path, settings).path.read_bytes() == clip
        assert set(proxy.asked) == {("clips.example.org", 80)}
        assert set(proxy.logins) == {"me:hidden"}


def test_https_goes_through_a_tunnel_to_the_server_itself(secret: Web, tmp_path: Path) -> None:
    with web_server(listed=False) as behind:
        secret.answer("clips.example.org:443", tunnel(behind.port))
        error = refused("https://clips.example.org/a.mp4", tmp_path, through(secret.port))
        assert "clips.example.org:443" in secret.requests
        assert behind.connections
    assert "proxy" not in error.message, "the tunnel stood; what was behind it spoke no TLS"


def test_what_is_wrong_with_the_proxy_is_told_without_its_password(
    secret: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://clips.example.org/a.mp4"
    secret.status(url, 407)
    wants_login = refused(url, tmp_path, through(secret.port, login="me:hidden%21@"))
    assert "the proxy wants a user name" in wants_login.message
    no_tunnel = refused(
        "https://clips.example.org/a.mp4", tmp_path, through(secret.port, login="me:hidden%21@")
    )
    gone = refused(url, tmp_path, through(9, login="me:hidden%21@"))
    no_socks = refused(url, tmp_path, through(9, "socks5h", "me:hidden%21@"))
    monkeypatch.setenv("HTTP_PROXY", f"gopher://me:hidden%21@127.0.0.1:{secret.port}")
    strange = refused(url, tmp_path)
    for error in (wants_login, no_tunnel, gone, no_socks, strange):
        assert "PROVENANCE_DOWNLOAD_PROXY" in error.hint, error.message
        assert "hidden" not in str(error)


def test_a_password_of_the_proxy_goes_to_the_proxy_alone(
    secret: Web, web: Web, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str | None]] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        seen.append((request.path, request.headers.get("Proxy-Authorization")))
        request.send_response(302)
        request.send_header("Location", web.url("/a.mp4"))
        request.send_header("Content-Length", "0")
        request.end_headers()

    def direct(request: BaseHTTPRequestHandler) -> None:
        seen.append((request.path, request.headers.get("Proxy-Authorization")))
        request.send_response(200)
        request.send_header("Content-Type", "video/mp4")
        request.send_header("Content-Length", str(len(clip)))
        request.end_headers()
        request.wfile.write(clip)

    secret.answer("http://clips.example.org/a.mp4", answer)
    web.answer("/a.mp4", direct)
    monkeypatch.setenv("HTTP_PROXY", f"http://me:hidden@127.0.0.1:{secret.port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    download("http://clips.example.org/a.mp4", tmp_path, SETTINGS)
    assert ("http://clips.example.org/a.mp4", "Basic bWU6aGlkZGVu") in seen
    assert {given for path, given in seen if path == "/a.mp4"} == {None}


def test_a_password_stands_in_no_list_of_processes(
    web: Web, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: set[bytes] = set()

    def answer(request: BaseHTTPRequestHandler) -> None:
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                commands.add(process.read_bytes())
            except OSError:
                continue
        request.send_error(404)

    web.answer("http://clips.example.org/a.mp4", answer)
    with pytest.raises(DownloadError):
        download("http://clips.example.org/a.mp4", tmp_path, through(web.port, login="me:hid9den@"))
    assert any(b"provenance.download.worker" in command for command in commands)
    assert not any(b"hid9den" in command for command in commands)
    assert "hid9den" not in repr(through(web.port, login="me:hid9den@"))


# --- cookies


class Visitors:
    """The cookies that each request of a path brought."""

    def __init__(self) -> None:
        self.brought: dict[str, list[str]] = {}

    def watched(self, web: Web, path: str, then: Any) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            host = (request.headers.get("Host") or "").partition(":")[0]
            self.brought.setdefault(host, []).append(request.headers.get("Cookie") or "")
            then(request)

        web.answers[path] = answer


def test_cookies_are_sent_to_their_own_site_alone_also_after_a_redirect(
    web: Web, clip: bytes, tmp_path: Path
) -> None:
    visitors = Visitors()
    film = web.file("/a.mp4", clip).replace("127.0.0.1", "localhost")
    visitors.watched(web, "/a.mp4", web.answers["/a.mp4"])
    web.redirect("/r.mp4", film)
    visitors.watched(web, "/r.mp4", web.answers["/r.mp4"])
    jar = tmp_path / "cookies.txt"
    text = (
        "# Netscape HTTP Cookie File\n\n"
        "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tof-the-first-site\n"
        "#HttpOnly_elsewhere.example\tTRUE\t/\tFALSE\t4102444800\tid\tof-another-site\n"
        "this line is no cookie\n"
    )
    jar.write_text(text)
    settings = replace(SETTINGS, download_cookies=str(jar))
    (folder := tmp_path / "films").mkdir()
    assert download(web.url("/r.mp4"), folder, settings).path.read_bytes() == clip
    assert set(visitors.brought["127.0.0.1"]) == {"session=of-the-first-site"}
    assert set(visitors.brought["localhost"]) == {""}
    assert jar.read_text() == text, "the user's file stays as it is"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file"),
        (b"\xff\xfe\x00", "cannot be read: it is no text"),
        (b'[{"name": "session"}]', "holds no cookie"),
        (b"# Netscape HTTP Cookie File\n", "holds no cookie"),
    ],
)
def test_an_unreadable_file_of_cookies_is_a_clear_error(
    web: Web, tmp_path: Path, content: bytes | None, words: str
) -> None:
    jar = tmp_path / "cookies.txt"
    if content is not None:
        jar.write_bytes(content)
    with pytest.raises(SettingsError, match=words) as caught:
        download(web.url("/a.mp4"), tmp_path, replace(SETTINGS, download_cookies=str(jar)))
    assert str(jar) in caught.value.message
    assert web.requests == []


def test_cookies_are_read_however_the_domain_is_written(tmp_path: Path) -> None:
    jar = tmp_path / "cookies.txt"
    rest = "/\tFALSE\t0\tn\tv"
    jar.write_text(
        f"a.example\tTRUE\t{rest}\n.b.example\tFALSE\t{rest}\nc.example\tFALSE\t{rest}\n"
    )
    lines = read_cookies(jar).splitlines()
    assert [line.split("\t")[:2] for line in lines[1:]] == [
        [".a.example", "TRUE"],
        [".b.example", "TRUE"],
        ["c.example", "FALSE"],
    ]


def test_cookies_of_a_browser_are_sent(web: Web, clip: bytes, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    with closing(sqlite3.connect(profile / "cookies.sqlite")) as database, database:
        database.execute("CREATE TABLE moz_cookies (host, name, value, path, expiry, isSecure)")
        database.execute(
            "INSERT INTO moz_cookies VALUES ('127.0.0.1', 'session', 'me', '/', 4102444800, 0)"
        )
    visitors = Visitors()
    url = web.file("/a.mp4", clip)
    visitors.watched(web, "/a.mp4", web.answers["/a.mp4"])
    settings = replace(SETTINGS, download_cookies_from_browser=f"firefox:{profile}")
    (folder := tmp_path / "films").mkdir()
    download(url, folder, settings)
    assert set(visitors.brought["127.0.0.1"]) == {"session=me"}


@pytest.mark.parametrize(
    "browser", ["netscape", "firefox+nokeyring", ":", "firefox:/no/such/place"]
)
def test_a_browser_without_cookies_is_a_clear_error(web: Web, tmp_path: Path, browser: str) -> None:
    settings = replace(SETTINGS, download_cookies_from_browser=browser)
    with pytest.raises(SettingsError, match="cookies of the browser") as caught:
        download(web.url("/a.mp4"), tmp_path, settings)
    assert "download_cookies_from_browser" in caught.value.hint
    assert web.requests == []


# --- settings and what is said of them


@pytest.mark.parametrize(
    "text",
    ["media", "media:", ":80", "media:0", "media:99999", "http://media:80", "*:80", "::1:80"],
)
def test_local_hosts_that_are_none_are_a_clear_error(text: str) -> None:
    for given_text in (text, f"127.0.0.1:8080,{text}"):
        with pytest.raises(SettingsError, match="no host:port"):
            read_network(Settings(download_local_hosts=given_text))


def test_local_hosts_are_compared_as_they_are_meant() -> None:
    text = " 127.0.0.1:8080 , Media.Intern.:80,[0:0::1]:443"
    assert read_network(Settings(download_local_hosts=text)).local == {
        ("127.0.0.1", 8080),
        ("media.intern", 80),
        ("::1", 443),
    }


@pytest.mark.parametrize(
    "text", ["proxy:3128", "ftp://proxy:21", "http://", "http://me:hidden@p:x", "http://p:1/path"]
)
def test_a_proxy_that_is_none_is_a_clear_error(text: str) -> None:
    with pytest.raises(SettingsError, match="no address of a proxy") as caught:
        read_network(Settings(download_proxy=text))
    assert "hidden" not in str(caught.value)


def told_by_doctor(settings: Settings) -> dict[str, str]:
    return {one.name: f"{one.text} {one.advice}" for one in examine(settings)}


def test_doctor_tells_what_is_set_of_the_network_and_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        archive=str(tmp_path),
        download_proxy="http://me:hidden@127.0.0.1:3128",
        download_local_hosts="media.intern:80",
        download_cookies=str(tmp_path / "none.txt"),
    )
    told = told_by_doctor(settings)
    assert "none.txt cannot be read" in told["network"]
    told = told_by_doctor(replace(settings, download_cookies=""))
    assert told["local hosts"].startswith("media.intern:80")
    assert told["proxy"].startswith("http://***@127.0.0.1:3128")
    monkeypatch.setenv("ALL_PROXY", "socks5h://me:hidden@127.0.0.1:9050")
    told = told_by_doctor(replace(settings, download_cookies="", download_proxy=""))
    assert told["proxy"].startswith("socks5h://***@127.0.0.1:9050 (from the environment)")


def test_a_server_of_time_stamps_does_not_send_us_elsewhere(web: Web, secret: Web) -> None:
    url = web.redirect("/stamps", secret.url("/"))
    with pytest.raises(StampError, match="it sends us on to"):
        request_stamp(b"manifest", url, Settings())
    assert secret.connections == 0


def test_a_server_of_time_stamps_that_speaks_no_http_is_a_clear_error(web: Web) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"nonsense\r\n\r\n")
        request.close_connection = True

    with pytest.raises(StampError, match="No time stamp came from"):
        request_stamp(b"manifest", web.answer("/stamps", answer), Settings())
