class Pull(TypedDict):
    merged: bool
    id: int

class ByName(TypedDict):
    id: int
    name: str

class ByMail(TypedDict):
    id: int
    mail: str

class X(TypedDict):
    a: NotRequired[str]

def pull() -> Pull: ...

def find(x: ByName | ByMail) -> Any: ...

def described(x: Literal['Oslo', 'Paris'], y: Literal['Oslo', 'Paris'], z: int, w: bool) -> Any:
    """Args:
        x: Where
    """

def clash(x: X, y: str | int, z: list[str]) -> Any: ...
