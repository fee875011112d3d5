"""X12 files for tests: an envelope around the segments that matter."""

from __future__ import annotations

from pathlib import Path

ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261101*1200*{repetition}*{version}"
    "*000000001*0*P*{component}"
)


def interchange(
    kind: str,
    *segments: str,
    group: str = "HB",
    version: str = "00501",
    repetition: str = "^",
    component: str = ":",
    terminator: str = "~",
    between: str = "",
) -> str:
    """One interchange with one transaction; counts and control numbers agree."""
    inside = [f"ST*{kind}*0001*005010", *segments]
    lines = [
        ISA.format(repetition=repetition, version=version, component=component),
        f"GS*{group}*S*R*20261101*1200*1*X*005010X279A1",
        *inside,
        f"SE*{len(inside) + 1}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    return "".join(line + terminator + between for line in lines)


def write(folder: Path, content: str | bytes, name: str = "payer.x12") -> Path:
    """A file of this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


SUBSCRIBER = (
    "BHT*0022*11*1*20261101*1200",
    "HL*1**20*1",
    "NM1*PR*2*ACME HEALTH*****PI*12345",
    "HL*2*1*21*1",
    "NM1*1P*2*OUR PRACTICE*****XX*1234567893",
    "HL*3*2*22*0",
    "TRN*2*TRACE1*9ACME",
    "NM1*IL*1*ALVAREZ*ROSA*M***MI*ACM123",
    "REF*6P*GRP9",
    "DMG*D8*19550314*F",
    "DTP*291*RD8*20261101-20261130",
)


def eligibility(*benefits: str, **options: str) -> str:
    """A 271 about one subscriber with these benefit lines."""
    return interchange("271", *SUBSCRIBER, *benefits, **options)


def remittance(*claims: str, **options: str) -> str:
    """An 835 with these claims."""
    head = (
        "BPR*I*100.00*C*CHK************20261101",
        "TRN*1*CHECK1*1",
        "N1*PR*ACME HEALTH",
        "N1*PE*OUR PRACTICE",
    )
    return interchange("835", *head, "LX*1", *claims, group="HP", **options)


def authorization(*segments: str, purpose: str = "11") -> str:
    """A 278 response about one subscriber."""
    head = (
        f"BHT*0007*{purpose}*A1*20261101*1200",
        "HL*1**20*1",
        "NM1*X3*2*ACME HEALTH*****46*1",
        "HL*2*1*21*1",
        "NM1*1P*1*GARDENER*JAMES****46*2",
        "HL*3*2*22*1",
        "NM1*IL*1*ALVAREZ*ROSA****MI*ACM123",
    )
    return interchange("278", *head, *segments, group="HI")
