"""What to do when a step of the preparation fails, in English and in Chinese. Readable by Python 3.8."""

from __future__ import annotations

import sys
from typing import List, Tuple


def no_venv() -> List[str]:
    package = "python%d.%d-venv" % sys.version_info[:2]
    return [
        "Python cannot create environments here. Install python3-venv (Debian, Ubuntu: apt install %s)." % package,
        "此 Python 无法创建虚拟环境，请安装 python3-venv（Debian、Ubuntu：apt install %s）。" % package,
    ]


def no_python(oldest: Tuple[int, int]) -> List[str]:
    return [
        "No Python %d.%d or newer was found. Install one, or set UV_PYTHON_INSTALL_MIRROR." % oldest,
        "未找到 Python %d.%d 或更高版本，请先安装，或设置 UV_PYTHON_INSTALL_MIRROR。" % oldest,
    ]


def no_packages() -> List[str]:
    return [
        "The packages could not be installed. Check the network, or set UV_DEFAULT_INDEX to a mirror, and try again.",
        "依赖包安装失败。请检查网络，或用 UV_DEFAULT_INDEX 指定镜像后重试。",
    ]


def no_node() -> List[str]:
    return [
        "Node for the web client could not be installed. Check the network, or set UV_DEFAULT_INDEX to a mirror.",
        "用于构建网页客户端的 node 安装失败。请检查网络，或用 UV_DEFAULT_INDEX 指定镜像。",
    ]


def no_client() -> List[str]:
    return [
        "The web client could not be built; npm says above why. Check the network, or the registry npm is set to.",
        "网页客户端构建失败，原因见上方 npm 的输出。请检查网络或 npm 所用的镜像。",
    ]


def no_projects() -> List[str]:
    return [
        "One of our own packages could not be linked; its pyproject.toml is named above.",
        "本项目的某个包安装失败，请查看上面提到的 pyproject.toml。",
    ]


def without_client() -> List[str]:
    return [
        "starting without the web client; the API and its documents work (/status, /api/docs)",
        "未能构建网页客户端，仍将启动；API 及其文档可用（/status、/api/docs）",
    ]
