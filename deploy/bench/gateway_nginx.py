"""nginx as the yardstick: the installed one, else Debian's package, unpacked."""

import os
import shutil
import subprocess
from pathlib import Path

_CONFIG = """
daemon off;
worker_processes 1;
error_log {home}/nginx-error.log;
pid {home}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log {home}/nginx-access.log;
  client_body_temp_path {home}/nginx-body;
  proxy_temp_path {home}/nginx-proxy;
  fastcgi_temp_path {home}/nginx-fastcgi;
  uwsgi_temp_path {home}/nginx-uwsgi;
  scgi_temp_path {home}/nginx-scgi;
  upstream service {{ server 127.0.0.1:{service_port}; keepalive 64; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port};
    keepalive_requests 1000000;
    location / {{
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $remote_addr;
    }}
  }}
}}
"""


def find(home: Path) -> str | None:
    """An nginx that runs here; None if there is none and none can be fetched."""
    if installed := shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"):
        return installed
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return None
    unpacked = home / "nginx-package"
    unpacked.mkdir()
    try:
        fetch = ["apt-get", "--quiet", "download", "nginx"]
        subprocess.run(fetch, cwd=unpacked, check=True, capture_output=True, timeout=60)
        for package in unpacked.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, unpacked], check=True, capture_output=True)
        binary = unpacked / "usr" / "sbin" / "nginx"
        subprocess.run([binary, "-v"], check=True, capture_output=True)
    except (subprocess.SubprocessError, OSError):
        return None
    return str(binary)


def command(binary: str, home: Path, *, port: int, service_port: int) -> list[str]:
    """Starts nginx as a plain proxy that keeps its connections."""
    config = home / "nginx.conf"
    config.write_text(_CONFIG.format(home=home, port=port, service_port=service_port))
    return [binary, "-c", str(config), "-e", str(home / "nginx-error.log"), "-p", str(home)]
