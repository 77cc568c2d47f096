class Order(TypedDict):
    id: int
    customer: str
    total: float
    note: NotRequired[str]

@dataclass
class User:
    name: str
    email: str | None

def find_orders(customer: str, *, status: Literal["open", "paid"] = "open", limit: int = 10) -> list[Order]: ...
def find_user(name: str) -> User | None: ...
def save(order: Order, tags: dict[str, Any], *values: float) -> None: ...
async def fetch(url: str, retries: int = 3) -> str: ...
class mail:
    def send(to: list[str], subject: str, at: datetime.datetime, amount: decimal.Decimal) -> bool: ...
names: list[str]
