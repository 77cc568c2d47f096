class TagsItem(TypedDict):
    name: NotRequired[str]

class SearchFilter(TypedDict):
    tags: list[TagsItem]
    unlisted: Any
    after: NotRequired[str]  # The first day

class Owner(TypedDict):
    id: NotRequired[Literal['it\'s "x"']]

X = TypedDict('X', {
    'x-api-key': 'NotRequired[str]',  # Secret
    'class': 'NotRequired[int]',
    'owner': 'NotRequired[Owner]',
})

class Y(TypedDict):
    z: NotRequired[Any]

A = TypedDict('A', {
    '__x': 'NotRequired[Any]',
    'y': 'NotRequired[Y]',
})

class Empty(TypedDict):
    a: NotRequired[A]

class T2nd(TypedDict):
    b: NotRequired[Never]

class Int(TypedDict):
    a: NotRequired[T2nd]

def f(x: SearchFilter) -> Any: ...

def g(x: X) -> Any: ...

def h() -> Empty: ...

def i() -> Int: ...
