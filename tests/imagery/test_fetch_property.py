"""No spelling of a URL, no resolver and no redirect makes `fetch` dial inside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

import anyio
import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagery import ImageryError, Limits
from imagery.addresses import is_public
from imagery.fetch import MAX_REDIRECTS, fetch
from tests.imagery import spellings
from tests.imagery.network import Network, Stream, answer
from tests.imagery.oracle import may_be_dialled
from tests.imagery.pictures import one_line

EXAMPLES = 10_000
SEED = 20_240_603
ALLOWED = ("example.com", "*.example.org")


@dataclass(frozen=True)
class Plan:
    """One fetch: what is asked for, and what the network will say.

    Attributes:
        answers: of the resolver, one for each time it is asked.
        down: whether the first address dialled does not answer.
    """

    url: str
    redirects: tuple[str, ...]
    answers: tuple[list[str], ...]
    limits: Limits
    down: bool

    @classmethod
    def drawn(cls, random: Random) -> Plan:
        hops = random.choice((0, 0, 1, 2, MAX_REDIRECTS + 1))
        return cls(
            url=spellings.url(random),
            redirects=tuple(spellings.url(random) for _ in range(hops)),
            answers=tuple(spellings.answers(random) for _ in range(MAX_REDIRECTS + 1)),
            limits=Limits(
                allow_http=random.random() < 0.3,
                allowed_hosts=ALLOWED if random.random() < 0.1 else (),
            ),
            down=random.random() < 0.2,
        )


class Witness(Network):
    """A resolver and a dialler that write down each breach of the rules.

    The resolver reads odd spellings as the system does, and changes its mind about names.
    """

    def __init__(self, plan: Plan) -> None:
        found = [
            answer("302 Found", location=target.encode().decode("latin-1").replace("\r\n", " "))
            for target in plan.redirects
        ]
        super().__init__(*found, answer(body=b"x"))
        self._plan = plan
        self._next = iter(plan.answers)
        self._said: list[str] | None = None
        self.asked = 0
        self.breaches: list[str] = []

    async def resolve(self, host: str, port: int) -> list[str]:
        self.asked += 1
        if self._plan.limits.allowed_hosts and host not in ("example.com", "cdn.example.org"):
            self.breaches.append(f"asked for {host}, which is not on the list")
        self._said = spellings.as_the_system_reads(host) or next(self._next)
        return self._said

    async def connect_tcp(
        self, host: str, port: int, *more: object, **options: object
    ) -> httpcore.AsyncNetworkStream:
        self.dialled.append((host, port))
        if port not in ((443, 80) if self._plan.limits.allow_http else (443,)):
            self.breaches.append(f"dialled port {port}")
        if not may_be_dialled(host):
            self.breaches.append(f"dialled {host}")
        # None: the URL itself gave the address.
        if self._said is not None and host not in self._said:
            self.breaches.append(f"dialled {host} when the resolver said {self._said}")
        if self._said is not None and not all(map(may_be_dialled, self._said)):
            self.breaches.append(f"dialled one of {self._said}")
        if self._plan.down and len(self.dialled) == 1:
            raise httpcore.ConnectError
        self._said = None
        return Stream(self, self._answers.pop(0))


async def attempt(plan: Plan) -> tuple[Witness, bool]:
    """Carry a plan out; say whether bytes came of it."""
    witness = Witness(plan)
    try:
        await fetch(plan.url, plan.limits, resolve=witness.resolve, backend=witness)
    except ImageryError as error:
        one_line(error)
        return witness, False
    return witness, True


@pytest.mark.anyio
async def test_ten_thousand_spellings_dial_nothing_outside_the_allowed_set() -> None:
    random = Random(SEED)
    count: Counter[str] = Counter()
    for _ in range(EXAMPLES):
        plan = Plan.drawn(random)
        witness, fetched = await attempt(plan)
        assert witness.breaches == [], plan
        count["fetched"] += fetched
        count["dialled"] += len(witness.dialled)
        count["asked"] += witness.asked
        count["refused at once"] += not witness.asked and not witness.dialled
    # A guard that refuses everything would pass the check above.
    assert count["fetched"] > EXAMPLES // 20, count
    assert count["asked"] > count["dialled"] > EXAMPLES // 10, count
    assert count["refused at once"] > EXAMPLES // 5, count


@settings(max_examples=EXAMPLES // 10)
@given(st.randoms(use_true_random=False))
def test_no_drawn_spelling_dials_anything_outside_the_allowed_set(random: Random) -> None:
    witness, _ = anyio.run(attempt, Plan.drawn(random))
    assert witness.breaches == []


def test_ten_thousand_addresses_are_public_only_where_the_registries_say_so() -> None:
    random = Random(SEED)
    for _ in range(EXAMPLES):
        address = spellings.address(random)
        assert may_be_dialled(address) or not is_public(address), address


@settings(max_examples=EXAMPLES)
@given(st.ip_addresses())
def test_an_address_that_is_public_is_so_in_the_registries(ip: object) -> None:
    assert may_be_dialled(str(ip)) or not is_public(str(ip))


def test_an_ordinary_address_is_dialled() -> None:
    ordinary = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"]
    assert all(is_public(address) and may_be_dialled(address) for address in ordinary)
