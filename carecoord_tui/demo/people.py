"""Invented names, numbers, payers and offices. Nothing here belongs to anybody.

Phone numbers are 555-01xx (area code 555 is not assigned), NPIs start with 2 (a series that is not
issued) and pass the check digit, Medicare numbers have the shape of the CMS sample card.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from itertools import count

from carecoord_tui.domain.identifiers import luhn_ok
from carecoord_tui.domain.vocabulary import PayerClass, ProviderKind


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FAMILY = _words(
    """
    Abbott Adeyemi Ahmed Albright Andersson Aquino Archer Baptiste Barros Becker Bell Bennett Bianchi
    Boateng Bouchard Bradley Brooks Calloway Cardoso Castillo Chavez Coleman Connolly Cooper Cruz Cunningham
    Dalton Danso Desai Diallo Diaz Dimitrov Donnelly Dubois Eklund Ellis Espinoza Farrell Fernandes Fischer
    Fitzgerald Flores Fofanah Foster Gallagher Garza Georgiou Gibbs Goldberg Gomez Greene Gupta Hahn
    Halloran Hansen Harper Hassan Hayes Hoffman Holloway Huang Hughes Ibrahim Iyer Jackson Jankowski Jensen
    Joshi Kaplan Kaur Keller Khan Kim Kowalski Kruger Lambert Larsen Lindgren Lombardi Lopez Lowery Maddox
    Mahmoud Malik Marchetti Martinez Mensah Mercer Mitchell Molina Morales Moreau Mukherjee Mullen Murphy
    Nakagawa Nowak Obi Ochoa Olsen Ortega Osei Palmer Papadakis Parikh Park Patel Pereira Pham Pierce
    Popescu Quinn Ramirez Reilly Rinaldi Rivera Rosenthal Rossi Salazar Santos Schneider Sharma Sheridan
    Silva Simmons Singh Sokolov Stein Sullivan Suzuki Tanaka Tavares Thompson Torres Tran Underwood Vargas
    Vasquez Vega Volkov Walsh Warren Weaver Webb Whitaker Wojcik Wu Yamamoto Yilmaz Zamora Zhang Zielinski
    """
)
GIVEN_FEMALE = _words(
    """
    Abigail Adriana Aisha Alice Amara Ana Anita Barbara Beatriz Bettina Camille Carmen Charlotte Clara
    Claudia Dalia Deborah Denise Dolores Edith Elena Elizabeth Emma Esther Fatima Fiona Frances Gloria Grace
    Hannah Helen Imani Ingrid Irene Isabel Janet Joan Josephine Joyce Kavita Leila Lillian Lucia Magdalena
    Margaret Marie Miriam Nadia Naomi Nora Olga Olivia Patricia Paula Priya Rachel Rebecca Renata Ruth
    Sandra Shirley Simone Sonia Susan Sylvia Tamara Teresa Ursula Valerie Vera Virginia Yolanda Yvonne
    Zainab
    """
)
GIVEN_MALE = _words(
    """
    Aaron Abdul Albert Alejandro Alvin Andre Anthony Arturo Benjamin Bernard Bruno Carlos Cedric Charles
    Curtis Daniel David Dennis Diego Dominic Edgar Edward Emilio Ernest Eugene Felix Francis Gerald Gilbert
    Gregory Harold Hector Henry Hugo Isaac Ismail Jamal Javier Jerome Joel Joseph Julian Kenneth Kofi
    Lawrence Leon Lorenzo Louis Malcolm Marcus Martin Mateo Maurice Nathan Nikolai Oscar Patrick Paul Pedro
    Rafael Ramon Raymond Robert Roland Ruben Samuel Stanley Stefan Theodore Thomas Victor Vincent Walter
    William Xavier Yusuf
    """
)
STREETS = ("Maple Street", "Orchard Road", "Mill Lane", "Canal Street", "Summit Avenue", "Fifth Street")
TOWNS = (("Ashbrook", "12999"), ("Millbury Falls", "12998"), ("East Ashbrook", "12997"), ("Harlow", "12996"))
STATE = "NY"
LANGUAGES = ("Spanish", "Portuguese", "Russian", "Arabic", "Haitian Creole", "Mandarin", "Polish")
OUR_CLINICIANS = ("Dr. Lena Marsh", "Dr. Peter Hale", "Iris Bloom NP")


Hours = tuple[time, time] | None


@dataclass(frozen=True, slots=True)
class Insurer:
    """A payer and its usual plans."""

    name: str
    payer_class: PayerClass
    plans: tuple[str, ...] = ("",)
    hours: Hours = None  # when it takes calls, by its own clock
    time_zone: str = ""  # IANA; empty: the practice's


MEDICARE, HUMANA = "Original Medicare", "Humana"
MEDICAID, MEDICAID_PLAN = "State Medicaid", "Riverbend Community Plan"
EMPLOYER, MARKETPLACE, SELF_PAY = "Ironworkers Benefit Fund", "Harbor Marketplace Health", "Self-pay"
COMMERCIAL, CHILDREN, SENIOR = "Northern Mutual", "Bright Start Children", "Lakeside Senior Advantage"

PAYERS = (
    Insurer(MEDICARE, PayerClass.MEDICARE, ("Parts A and B",)),
    Insurer(HUMANA, PayerClass.MEDICARE_ADVANTAGE, ("Gold Plus", "Choice"), (time(8), time(20))),
    Insurer(SENIOR, PayerClass.MEDICARE_ADVANTAGE, ("Senior Value", "Senior Complete")),
    Insurer(MEDICAID, PayerClass.MEDICAID_FFS),
    Insurer(MEDICAID_PLAN, PayerClass.MEDICAID_MCO, ("Family Care",)),
    Insurer(CHILDREN, PayerClass.CHIP),
    Insurer(
        MARKETPLACE,
        PayerClass.EXCHANGE,
        ("Silver 3", "Bronze 1"),
        (time(9), time(17)),
        "America/Los_Angeles",
    ),
    Insurer(EMPLOYER, PayerClass.ERISA, ("PPO",)),
    Insurer(COMMERCIAL, PayerClass.COMMERCIAL, ("Open Access", "High Deductible")),
    Insurer(SELF_PAY, PayerClass.SELF_PAY),
)
PAYERS_65 = (MEDICARE, HUMANA, MEDICARE, SENIOR, HUMANA)
PAYERS_ADULT = (EMPLOYER, COMMERCIAL, EMPLOYER, MARKETPLACE, MEDICAID_PLAN, COMMERCIAL, MEDICAID, SELF_PAY)
PAYERS_CHILD = (CHILDREN, MEDICAID_PLAN, EMPLOYER, COMMERCIAL)


@dataclass(frozen=True, slots=True)
class Office:
    """An office that receives referrals, or one of our own clinicians."""

    name: str
    specialty: str
    organization: str
    kind: ProviderKind = ProviderKind.ORGANIZATION
    address: str = ""
    usual_wait_days: int | None = None
    wants: str = ""
    takes: tuple[str, ...] = ()  # payers whose plans it is in network for
    refuses: tuple[str, ...] = ()  # payers whose plans it is out of network for
    has_desk: bool = False  # referrals go to extension 2 of its number
    hours: Hours = None  # when it takes calls, by its own clock
    numbers: tuple[str, str] | None = None  # phone and fax of its own; None: the next of the series


CARDIOLOGY, IMAGING = "Lakeside Cardiology", "Lakeside Imaging"
_HERE = "Maple Street Family Practice"
_LAKESIDE = "20 Harbor Road, Ashbrook NY 12999"
_VALLEY = "3 Mill Lane, Harlow NY 12996"
_OLD, _YOUNG = (MEDICARE, HUMANA, SENIOR), (EMPLOYER, COMMERCIAL)
_STATE = (MEDICAID, MEDICAID_PLAN)

OFFICES = (
    *(
        Office(name, "family medicine", _HERE, ProviderKind.PERSON, "1 Maple Street, Ashbrook NY 12999")
        for name in OUR_CLINICIANS
    ),
    Office(
        CARDIOLOGY, "cardiology", "Lakeside Medical Center",
        address=_LAKESIDE, usual_wait_days=21, has_desk=True,
        wants="Last note, ECG, medication list; labs of the last 6 months.",
        takes=(*_OLD, COMMERCIAL), refuses=(MEDICAID_PLAN,), hours=(time(8), time(16, 30)),
    ),
    Office(
        IMAGING, "imaging", "Lakeside Medical Center",
        address=_LAKESIDE, usual_wait_days=7, has_desk=True,
        wants="Signed order with the diagnosis, authorization number, creatinine for contrast.",
        takes=(*_OLD, *_YOUNG, *_STATE), hours=(time(7), time(18)),
    ),
    Office(
        "Hillcrest Orthopedics", "orthopedics", "Hillcrest Specialists",
        address="8 Summit Avenue, Ashbrook NY 12999", usual_wait_days=14,
        wants="X-ray on disc or in the portal, what was tried so far.",
        takes=(MEDICARE, *_YOUNG), refuses=(HUMANA, MEDICAID),
    ),
    Office(
        "Valley Gastroenterology", "gastroenterology", "Valley Health",
        address=_VALLEY, usual_wait_days=42, has_desk=True,
        wants="Last colonoscopy report, blood thinners, BMI.",
        takes=(MEDICARE, SENIOR, *_YOUNG), refuses=(MARKETPLACE,),
    ),
    Office(
        "Ashbrook Dermatology", "dermatology", "Ashbrook Dermatology",
        address="41 Canal Street, Ashbrook NY 12999", usual_wait_days=60,
        wants="A photograph of the spot, biopsy result if there is one.",
        takes=_YOUNG, refuses=_STATE,
    ),
    Office(
        "Northside Neurology", "neurology", "Northside Hospital",
        address="100 Fifth Street, Millbury Falls NY 12998", usual_wait_days=90, has_desk=True,
        wants="MRI or CT report, medicines tried with doses.",
        takes=(MEDICARE, HUMANA, MEDICAID), hours=(time(9), time(15)),
    ),
    Office(
        "Riverside Endocrinology", "endocrinology", "Riverside Clinic",
        address="5 Mill Lane, Harlow NY 12996", usual_wait_days=35,
        wants="A1c, TSH, glucose log of two weeks.",
        takes=(*_OLD, EMPLOYER), refuses=(MARKETPLACE, MEDICAID_PLAN),
    ),
    Office(
        "Clearview Eye Center", "ophthalmology", "Clearview Eye Center",
        address="12 Orchard Road, Ashbrook NY 12999", usual_wait_days=28,
        takes=(MEDICARE, SENIOR, MEDICAID, CHILDREN),
    ),
    Office(
        "Stride Physical Therapy", "physical therapy", "Stride Rehab",
        address="77 Canal Street, Ashbrook NY 12999", usual_wait_days=5,
        wants="Order with diagnosis and number of visits.",
        takes=(*_OLD, *_YOUNG, *_STATE),
    ),
    Office(
        "Harlow Pulmonary", "pulmonology", "Valley Health",
        address=_VALLEY, usual_wait_days=30, wants="Spirometry, chest X-ray report.",
        takes=(MEDICARE, HUMANA), refuses=(SENIOR,),
    ),
    Office(
        "Meadow Behavioral Health", "behavioral health", "Meadow Health",
        address="9 Orchard Road, East Ashbrook NY 12997", has_desk=True,
        wants="PHQ-9 and GAD-7, a number where a message may be left.",
        takes=(*_STATE, EMPLOYER), refuses=(COMMERCIAL,),
    ),
    Office(
        "Summit Nephrology", "nephrology", "Summit Kidney Care",
        address="30 Summit Avenue, Ashbrook NY 12999", usual_wait_days=25,
        wants="Creatinine and urine albumin of the last year, ultrasound report.",
        takes=_OLD,
    ),
)  # fmt: skip
NEVER_USED = (
    Office(
        "Harlow Heart Group", "cardiology", "Valley Health",
        address=_VALLEY, usual_wait_days=9, has_desk=True, wants="Last note and ECG.",
        takes=(MEDICARE, MEDICAID_PLAN), refuses=(HUMANA,), numbers=("+15550100110", "+15550100111"),
    ),
    Office(
        "Dr. Nora Feldman", "dermatology", "Feldman Skin Clinic", ProviderKind.PERSON,
        address="2 Fifth Street, Millbury Falls NY 12998", usual_wait_days=18,
        takes=(*_OLD, MARKETPLACE), numbers=("+15550100112", "+15550100113"),
    ),
    Office(
        "Ashbrook Home Care", "home health", "Ashbrook Home Care",
        address="15 Maple Street, Ashbrook NY 12999", usual_wait_days=2,
        wants="Face-to-face note, signed order, who opens the door.",
        takes=(MEDICARE, *_STATE), numbers=("+15550100114", "+15550100115"),
    ),
)  # fmt: skip
"""In the directory, and nothing was ever sent to them."""
SPECIALISTS = OFFICES[len(OUR_CLINICIANS) :]

_MBI_LETTERS = "ACDEFGHJKMNPQRTUVWXY"
_FIRST_PHONE, _PHONES = 200, 100_000


class Numbers:
    """Numbers in series, so that no two people of a demo share one by chance."""

    def __init__(self) -> None:
        self._mrn, self._phone, self._member, self._npi = count(10231), count(_FIRST_PHONE), count(), count(1)

    def mrn(self) -> str:
        """The practice's next record number."""
        return f"MS{next(self._mrn)}"

    def phone(self) -> str:
        """The next fictional number, E.164. The series starts again after 100,000."""
        return f"+155501{next(self._phone) % _PHONES:05}"

    def npi(self) -> str:
        """The next number of a series that is not issued, with its check digit."""
        stem = f"20000{next(self._npi):04}"
        return next(stem + digit for digit in "0123456789" if luhn_ok(f"80840{stem}{digit}"))

    def member_id(self, payer_class: PayerClass) -> str:
        """A member number of the payer's usual shape; empty for somebody who pays alone."""
        number = next(self._member)
        match payer_class:
            case PayerClass.SELF_PAY:
                return ""
            case PayerClass.MEDICARE:
                return medicare_number(number)
            case PayerClass.MEDICARE_ADVANTAGE:
                return f"H{70310000 + number * 7}"
            case PayerClass.MEDICAID_FFS | PayerClass.MEDICAID_MCO | PayerClass.CHIP:
                return f"{4100020000 + number * 11}"
            case _:
                return f"W{220100000 + number * 13}"


def medicare_number(number: int) -> str:
    """A number of the MBI's shape beside the CMS sample ``1EG4TE5MK73``; distinct for 0 to 7,999,999."""
    number, units = divmod(number, 100)
    number, eighth = divmod(number, len(_MBI_LETTERS))
    number, ninth = divmod(number, len(_MBI_LETTERS))
    sixth, seventh = divmod(number, 10)
    letters = _MBI_LETTERS
    return f"1EG4T{letters[sixth]}{seventh}{letters[eighth]}{letters[ninth]}{units:02}"
