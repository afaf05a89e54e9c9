"""How yt-dlp sends requests here: http and https over Python's own sockets, watched at each hop.

Of yt-dlp's ways to send a request only these two are given to it. curl_cffi opens connections that
Python does not see, and web sockets and ftp carry nothing that is fetched here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import requests
from yt_dlp.networking._requests import RequestsRH
from yt_dlp.networking._urllib import UrllibRH
from yt_dlp.utils.networking import HTTPHeaderDict, clean_proxies, select_proxy

from provenance.download.guard import Guard, RefusedError


def guarded_handlers(guard: Guard, proxies: Mapping[str, str | None]) -> list[type[Any]]:
    """Request handlers for a yt-dlp whose proxies (its property `proxies`) are the user's own."""
    cleaned = dict(proxies)
    clean_proxies(cleaned, HTTPHeaderDict())
    guard.name_proxies(
        {
            str(proxy): str(proxies[scheme])
            for scheme, proxy in cleaned.items()
            if proxy and scheme != "no"
        }
    )

    class GuardedRH(RequestsRH):  # type: ignore[misc]
        """http and https."""

        def _create_instance(self, *args: Any, **kwargs: Any) -> requests.Session:
            session: requests.Session = super()._create_instance(*args, **kwargs)
            for adapter in session.adapters.values():
                adapter.send = partial(_send, guard, adapter.send)  # type: ignore[method-assign]
            return session

    return [GuardedRH, DataRH]


class DataRH(UrllibRH):  # type: ignore[misc]
    """`data:` addresses, which hold what they name."""

    _SUPPORTED_URL_SCHEMES = ("data",)


def _send(
    guard: Guard, send: Any, request: requests.PreparedRequest, *args: Any, **kwargs: Any
) -> requests.Response:
    """One hop: requests follows redirects itself, and comes here for each."""
    # For a proxy, requests gives its user name and password to the connection. Into the request it
    # puts them again after a redirect, for whoever that leads to.
    request.headers.pop("Proxy-Authorization", None)
    url = str(request.url)
    try:
        with guard.on_the_way_to(url, select_proxy(url, kwargs.get("proxies") or {})):
            response: requests.Response = send(request, *args, **kwargs)
            return response
    except RefusedError as error:
        raise requests.exceptions.ConnectionError(error) from error
