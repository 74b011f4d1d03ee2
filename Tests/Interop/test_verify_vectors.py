"""CPace by the draft's vectors, and what section 18 hashes, in this peer alone."""

import json

import pytest
from earshot_peer import ristretto, verify
from harness import ROOT

VECTORS = json.loads((ROOT / "Tests/NoiseTests/Vectors/cpace-testvectors.json").read_text())
RUN = {name: bytes.fromhex(value) for name, value in VECTORS["G_Coffee25519"].items()}
POINTS = VECTORS["G_Coffee25519_points"]


def test_a_run_of_the_draft():
    scalar = {side: int.from_bytes(RUN[side], "little") for side in ("ya", "yb")}
    generator = verify.generator(RUN["PRS"], RUN["CI"], RUN["sid"])
    assert generator == RUN["g"]
    assert ristretto.multiply(scalar["ya"], generator) == RUN["Ya"] and ristretto.multiply(scalar["yb"], generator) == RUN["Yb"]
    assert ristretto.multiply(scalar["ya"], RUN["Yb"]) == ristretto.multiply(scalar["yb"], RUN["Ya"]) == RUN["K"]
    assert verify.isk(RUN["sid"], RUN["K"], RUN["Ya"], RUN["Yb"], RUN["ADa"], RUN["ADb"]) == RUN["ISK_IR"]


def test_points_of_the_draft():
    valid = {name: bytes.fromhex(value) for name, value in POINTS["Valid"].items()}
    scalar = int.from_bytes(valid["s"], "little")
    assert ristretto.multiply(scalar, valid["X"]) == valid["G.scalar_mult_vfy(s,X)"]
    invalid = [bytes.fromhex(value) for name, value in POINTS.items() if name.startswith("Invalid")]
    assert len(invalid) == 2 and all(ristretto.multiply(scalar, point) is None for point in invalid)


@pytest.mark.parametrize("side", [True, False])
def test_a_run_needs_the_same_code_and_session(side):
    ends = verify.Ends(*(bytes([n]) * 32 for n in (1, 2, 3, 4, 5)))
    elsewhere = verify.Ends(*(bytes([n]) * 32 for n in (1, 2, 3, 4, 6)))
    for code, there, fits in (("482019337", ends, True), ("482019338", ends, False), ("482019337", elsewhere, False)):
        one, other = verify.Agreement("482019337", ends, side), verify.Agreement(code, there, not side)
        assert one.take(other.share) and other.take(one.share)
        assert one.fits(other.tag) == other.fits(one.tag) == fits and not one.fits(one.tag)
    assert not one.take(bytes(32)) and not one.take(b"\xff" * 32)


def test_the_pictures_are_those_of_the_document():
    assert len(set(verify.PICTURES)) == 64
    rows = [line.split("|")[1:5] for line in (ROOT / "Protocol.md").read_text().splitlines() if line.startswith(("| 0 ", "| 4 ")) or line.count("|") == 5]
    cells = [cell.split() for row in rows for cell in row if len(cell.split()) == 3 and cell.split()[0].isdigit()]
    assert [f"{emoji}{name}" for _, emoji, name in cells] == verify.PICTURES
