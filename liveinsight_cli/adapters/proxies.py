"""Connections by way of the proxy that the environment names, where one is meant for the address."""

import ipaddress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import urllib3


def pool(url: str, **options: Any) -> "urllib3.PoolManager":
    """Return connections for this address; a proxy is never asked for this machine itself."""
    import urllib3

    proxy = proxy_of(url)
    return urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)


def proxy_of(url: str) -> str | None:
    """Return the proxy for an address: HTTPS_PROXY, HTTP_PROXY and ALL_PROXY as usual, less what NO_PROXY names."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host, proxies = parts.hostname or "", getproxies()
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
