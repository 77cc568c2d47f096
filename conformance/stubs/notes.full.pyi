class A(TypedDict):
    b: NotRequired[Any]

class C(TypedDict):
    d: NotRequired[Any]

def f(*, a: A | None = None, c: C | None = None, e: int | None = None, f: Any = ..., g: str | None = None, h_: Literal[1] | None = None) -> Any:
    """Args:
        h_: (originally 'h\\n')
    """
