from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.modal_services.conformance.deployments import Deployments, Live


@pytest.fixture(scope="session")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployments]:
    with contextlib.ExitStack() as stack:
        yield Deployments(tmp_path_factory.mktemp("jobs"), stack)


@pytest.fixture
def service(request: pytest.FixtureRequest, deployments: Deployments) -> Live:
    return deployments.get(request.param)
