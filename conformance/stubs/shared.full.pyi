class Page(TypedDict):
    url: NotRequired[str]

class Issue_2(TypedDict):
    id: NotRequired[str]

class Page_2(TypedDict):
    text: NotRequired[str]

class List(TypedDict):
    x: NotRequired[str]

def a() -> Page: ...

def b() -> Page: ...

def Issue() -> Issue_2: ...

class s:
    def c() -> Page_2: ...

    def d() -> List: ...
