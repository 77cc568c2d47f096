# What the scripts of this folder can call.
class Weather(TypedDict):
    city: str
    celsius: float
    wind: NotRequired[float]

class Order(TypedDict):
    id: int
    customer: str
    lines: list[OrderLine]

class OrderLine(TypedDict):
    item: str
    price: float

@dataclass
class User:
    name: str
    age: int
    email: str | None

def get_weather(city: str, unit: Literal["C", "F"] = "C") -> Weather: ...
def find_user(name: str) -> User: ...
def maybe_user(name: str) -> User | None: ...
def orders(customer: str, *, limit: int = 10) -> list[Order]: ...
def tags(values: list[str]) -> dict[str, int]: ...
def save(order: Order) -> None: ...
async def fetch(url: str, retries: int = 3) -> str: ...
async def lookup(id: int) -> Order: ...

class mail:
    def send(to: str, subject: str, body: str = "") -> bool: ...

limit: int
cities: list[str]
