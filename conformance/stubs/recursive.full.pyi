Node_2 = TypedDict('Node_2', {
    'value': 'NotRequired[int]',
    'left-side': 'NotRequired[Node_2]',
    'others': 'NotRequired[list[Node_2]]',
})

class Like(TypedDict):
    kind: Literal['like']
    left: And | Or | Xor | Eq | Ne | Lt | Gt | Like
    right: And | Or | Xor | Eq | Ne | Lt | Gt | Like

class Gt(TypedDict):
    kind: Literal['gt']
    left: And | Or | Xor | Eq | Ne | Lt | Gt | Like
    right: And | Or | Xor | Eq | Ne | Lt | Gt | Like

class Lt(TypedDict):
    kind: Literal['lt']
    left: And | Or | Xor | Eq | Ne | Lt | Gt | Like
    right: And | Or | Xor | Eq | Ne | Lt | Gt | Like

class Ne(TypedDict):
    kind: Literal['ne']
    left: And | Or | Xor | Eq | Ne | Lt | Gt | Like
    right: And | Or | Xor | Eq | Ne | Lt | Gt | Like

class Eq(TypedDict):
    kind: Literal['eq']
    left: And | Or | Xor | Eq | Ne | Lt | Gt | Like
    right: And | Or | Xor | Eq | Ne | Lt | Gt | Like

class Xor(TypedDict):
    kind: Literal['xor']
    left: And | Or | Xor | Eq | Ne | Lt | Gt | Like
    right: And | Or | Xor | Eq | Ne | Lt | Gt | Like

class Or(TypedDict):
    kind: Literal['or']
    left: And | Or | Xor | Eq | Ne | Lt | Gt | Like
    right: And | Or | Xor | Eq | Ne | Lt | Gt | Like

class And(TypedDict):
    kind: Literal['and']
    left: And | Or | Xor | Eq | Ne | Lt | Gt | Like
    right: And | Or | Xor | Eq | Ne | Lt | Gt | Like

class Derived(TypedDict):
    parts: NotRequired[list[Derived]]
    id: NotRequired[int]

class Base(TypedDict):
    parts: NotRequired[list[Derived]]

class Child(TypedDict):
    id: int
    base: NotRequired[Base]
    child: NotRequired[Node]

class Node(TypedDict):
    id: NotRequired[int]
    base: NotRequired[Base]
    child: NotRequired[Child]

class X(TypedDict):
    x: X

def tree() -> Node_2: ...

def query(where: And | Or | Xor | Eq | Ne | Lt | Gt | Like, having: And | Or | Xor | Eq | Ne | Lt | Gt | Like) -> Any: ...

def adds(*, x: Node | None = None) -> Any: ...

def itself(x: X) -> Any: ...

def nested(*, x: list[Any] | None = None) -> Any: ...

def deep(x: list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[list[Any]]]]]]]]]]]]]]]]]]]]]]]]) -> Any: ...
