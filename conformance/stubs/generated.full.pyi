Object = TypedDict('Object', {
    'class': Literal['crpa', 'zc'],  # ૐ
    '=.fN🦲': Literal['𛱰'],  # ૐ
})

JXItem = TypedDict('JXItem', {
    'J&x?🕴𐋠{𑥔': 'NotRequired[tuple[JXItem]]',
})

Result = TypedDict('Result', {
    '__x': Literal['class'],  # tgeyeh
    "} \r'\n_-}w'": NotRequired[float],  # tgeyeh
    'hujeje': NotRequired[dict[str, Literal['bjso']]],  # tgeyeh
})

X = TypedDict('X', {
    "\\\\ )#x\rx'\r": Literal[True] | float | list[Any] | None,  # \%x\u202e\ufeff\x00\
    'class': NotRequired[Literal[True] | float | list[Any] | dict[str, Any] | None],  # \%x\u202e\ufeff\x00\
})

Cq = TypedDict('Cq', {
    '\x00\x00"""\'\'\'': Literal[True] | float | list[Any] | None,  # \ufeff%"""
    'None': Any,  # \ufeff%"""
    '\x00\ufeff': NotRequired[float],  # \ufeff%"""
    '4[ಏ': NotRequired[Any],  # \ufeff%"""
})

Obmqx = TypedDict('Obmqx', {
    '__x': 'NotRequired[tuple[list[tuple[list[Any], Literal[True] | float | list[Any] | None]], Literal[True] | float | list[Any] | None]]',
    '': "NotRequired[tuple[Literal[''], Literal['x\\u2028\\u202e']] | dict[str, Any]]",
    'obmqx': 'NotRequired[Obmqx]',
})

Awmotm = TypedDict('Awmotm', {
    'rwa': 'Awmotm',  # Z.
    'None': 'NotRequired[Literal[True] | float | list[Any] | None]',  # Z.
    'l': "NotRequired[Literal['__x']]",  # Z.
    'class': "NotRequired[Literal['None', 'a'] | dict[str, Any]]",  # Z.
})

Object_3 = TypedDict('Object_3', {
    '': Any,  # __x
})

None__4 = TypedDict('None__4', {
    'nls': 'Object_3',  # __x
    '-"𑶢%(v~': 'tuple[Literal[True] | float | list[Any] | None, None__4, Any]',  # __x
    'ozado': 'NotRequired[Any]',  # __x
})

Object_4 = TypedDict('Object_4', {
    'ms': tuple[None, Literal[True] | float | list[Any] | None, Literal['x%\x00', '\u2028\\x']],  # _
    '\x00%': NotRequired[Literal[True] | float | list[Any] | None],  # _
})

Object_2_2 = TypedDict('Object_2_2', {
    "\\z\\'yh\n\r\r\tm{": NotRequired[Literal['y']],  # __x
})

Class_3 = TypedDict('Class_3', {
    '}_-"}\':\';': Literal[True] | float | list[Any] | None,  # yj
    '__x': Literal[True] | float | list[Any] | None,  # yj
})

H = TypedDict('H', {
    'None': 'Class_3',  # bfdtes
    'cuxv': 'Literal[\' cb"\']',  # bfdtes
    'y}': "NotRequired[Literal['class']]",  # bfdtes
})

None__5 = TypedDict('None__5', {
    'None': 'NotRequired[list[Any]]',
    '\\:\re;\t\r #"\n\'': 'NotRequired[Object_5]',
    '%\x00\ufeffx\\': 'NotRequired[H]',
})

VD = TypedDict('VD', {
    'None': 'NotRequired[None__5]',
})

Object_5 = TypedDict('Object_5', {
    'a': 'float',  # \𐿦
    'class': 'NotRequired[VD]',  # \𐿦
})

None__6 = TypedDict('None__6', {
    '__x': Literal[True] | float | list[Any] | None,  # None
    '': NotRequired[Literal['class']],  # None
})

Object_6 = TypedDict('Object_6', {
    'None': Any,  # bo_# \\_ -
    'oinwb': list[list[None]],  # bo_# \\_ -
    '__x': Literal[True] | float | list[Any] | None,  # bo_# \\_ -
})

None__7 = TypedDict('None__7', {
    '\ufeff\u2028': Any,  # __x
    '\\_\r_\nq)\t\t': bool,  # __x
    '3[;': Literal['hibig'],  # __x
    "\x00\u2028\n\x00\u2028%'''": NotRequired[Literal['None']],  # __x
})

Class_4 = TypedDict('Class_4', {
    '𝀙Q=7ଡ଼𖵯': NotRequired[dict[str, Any]],  # class
    '__x': NotRequired[list[Literal['ogxnl']]],  # class
})

M = TypedDict('M', {
    'None': Any,  # __x
    'axkug': NotRequired[Literal[True] | float | list[Any] | None],  # __x
    'aaf': NotRequired[str],  # __x
})

R_2 = TypedDict('R_2', {
    'g': 'Any',  # K)Ç.&¥⾖$
    'iymymt': 'NotRequired[M]',  # K)Ç.&¥⾖$
    '__x': 'NotRequired[Any]',  # K)Ç.&¥⾖$
})

X_5 = TypedDict('X_5', {
    'None': Literal['class', 'None'],  # \x\ufeff'''
})

class LircxkItem(TypedDict):
    lircxk: NotRequired[list[LircxkItem]]

Class_5 = TypedDict('Class_5', {
    '"\\Y/*⿶<': Literal['None'],  # .พ¹*
    '__x': dict[str, Literal['ໟ']],  # .พ¹*
})

ClassItem = TypedDict('ClassItem', {
    'qfhbud': "NotRequired[Literal['None']]",
    '<ಇ%ጓI࡞*ஜ': 'NotRequired[list[list[list[Any]]]]',
    'class': 'NotRequired[list[ClassItem]]',
})

XItem = TypedDict('XItem', {
    '__x': 'NotRequired[list[XItem]]',
    '\\': "NotRequired[dict[str, dict[str, Literal['xtee']]]]",
})

None_ = TypedDict('None_', {
    '\\x\x00\n\u202e\x00x': Literal["_#}--'\\"],  # None
})

X_2 = TypedDict('X_2', {
    'a} }_{{us;"': NotRequired[int],
})

X_3 = TypedDict('X_3', {
    '__x': Literal['_") \r#h:-'],  # __x
    'class': None,  # __x
})

R = TypedDict('R', {
    '#\r}\n i': Literal['None'],  # x
})

YItem = TypedDict('YItem', {
    'class': "NotRequired[Literal['ldjpev']]",
    'rvpo': 'NotRequired[dict[str, list[Any]]]',
    '__x': 'NotRequired[list[A]]',
})

class A(TypedDict):
    y: list[YItem]  # %x\x00%\

None__2 = TypedDict('None__2', {
    '\\ກOEࢢ𑎠': NotRequired[Never],  # __x
    '\n\'\'\'\u202e"""x\n\u202e': NotRequired[Any],  # __x
})

Rzkk = TypedDict('Rzkk', {
    'class': 'NotRequired[Ixyk]',
    '"_\\tm"': 'NotRequired[None__2]',
})

class Ixyk(TypedDict):
    rzkk: Rzkk  # aop

Class = TypedDict('Class', {
    'class': tuple[Literal[True] | float | list[Any] | None],  # w#;#(\-#
    '': NotRequired[list[Literal['𚿹f-C&f🯝', '', 'None']]],  # w#;#(\-#
})

None__3 = TypedDict('None__3', {
    "sa')s;q}s:\n\r": NotRequired[dict[str, Any]],  # \ \u202ex
    '__x': NotRequired[Any],  # \ \u202ex
})

Object_2 = TypedDict('Object_2', {
    'class': tuple[Any, Literal[True] | float | list[Any] | None],  # class
    ' q}z#\r\r_\r\\': Literal[True] | float | list[Any] | None,  # class
})

Bcw = TypedDict('Bcw', {
    '-")-\'z\'s': 'Object_2',  # __x
})

ClassValueValue = TypedDict('ClassValueValue', {
    '\ufeff\ufeff': 'NotRequired[str]',
    '%\n\x00%\x00': "NotRequired[dict[str, Literal['__x', 'class']]]",
    'class': 'NotRequired[dict[str, dict[str, ClassValueValue]]]',
})

X_4 = TypedDict('X_4', {
    '__x': Literal[True] | float | list[Any] | None,  # מּ🕴'Q𞺆᳓?
    "\\r\t'\\(": NotRequired[Any],  # מּ🕴'Q𞺆᳓?
})

Item = TypedDict('Item', {
    '\\': "NotRequired[Literal['ugep', 'None'] | dict[str, Literal[True] | float | list[Any] | None] | list[Item]]",
})

Class_2 = TypedDict('Class_2', {
    '\x00"""\ufeff': list[Any],  # hslre
    '%\n\u202e\n\u2028\n': Literal[True] | float | list[Any] | None,  # hslre
    '__x': NotRequired[Literal[True] | float | list[Any] | None],  # hslre
    'xjfv': NotRequired[Any],  # hslre
})

class s0:
    def None_(*, class_: dict[str, Object] | None = None, _x: tuple[Literal['__x', 'ii'], Literal['kq', '']] | None = None) -> dict[str, Any]:
        """�Q𞹇

        Its original name is 'None'.

        Args:
            class_: (originally 'class')
            _x: (originally '\\u2028x')
        """

    def sadsda(*, _h__x___: Literal[True] | float | list[Any] | None = ..., zxfx: dict[str, list[Any]] | None = None, _____A__: Literal[True] | float | list[Any] | None = ...) -> Literal['3h🢗¥ᥐ𐝊', 'None', 'yee']:
        """aeacii

        Args:
            _h__x___: (originally \"\\\\h'\\rx}-\\t\")
            _____A__: (originally '+{𑶨/એA%ઑ')
        """

    def ________z___(*, J_x_____: tuple[JXItem] | None = None) -> dict[str, Any]:
        """%t𐨸𑅬𑏊h¥g

        Its original name is ' -\\\\_ -__z_\\\\:'.

        Args:
            J_x_____: (originally 'J&x?🕴𐋠{𑥔')
        """

class s1:
    def ______(*, iakitv: Literal['class'] | None = None, _________: Literal[True] | float | list[Any] | None = ..., _____________: Literal[True] | float | list[Any] | None = ...) -> Result:
        """__x

        Its original name is '_-\\n\\\\\\t:'.

        Args:
            _________: (originally \"\\u2028\\\\'''\\n\\x00%\\ufeff\")
            _____________: (originally '\\\\\\'\\'\\'\\n\\\\\\x00"\"\"\\'\\'\\'')
        """

    def _(*, None_: X | None = None, __x: Literal[True] | float | list[Any] | None = ...) -> Literal['𑍣', '\t\t\ro\'_\n\rc\\{"', '{𖄤T']:
        """__x

        Its original name is ''.

        Args:
            None_: (originally 'None')
        """

    def __x(*, uv: tuple[Literal['__x', 'i'], Literal['𑍐'], Literal['xrayc']] | None = None, None_: Cq | list[Any] | None = None) -> tuple[tuple[dict[str, Any], Literal[True] | float | list[Any] | None, Literal['ddc', 'class', '__x']]]:
        """:b%=qѨ𚿰'

        Args:
            None_: (originally 'None')
        """

class s2:
    def None_(*, __x: tuple[list[tuple[list[Any], Literal[True] | float | list[Any] | None]], Literal[True] | float | list[Any] | None] | None = None, _: tuple[Literal[''], Literal['x\u2028\u202e']] | dict[str, Any] | None = None, obmqx: Obmqx | None = None) -> dict[str, list[Literal[True] | float | list[Any] | None]]:
        """Ѩ

        Its original name is 'None'.

        Args:
            _: (originally '')
        """

    def __x(*, khwu: dict[str, Any] | None = None) -> Awmotm:
        """%"""

class s3:
    def class_(*, __x: dict[str, Any] | None = None) -> None__4:
        """}_

        Its original name is 'class'.
        """

class s4:
    def ________(*, None_: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """\\)

        Its original name is '%"\"\"\\ufeff\\\\\\u2028\\\\'.

        Args:
            None_: (originally 'None')
        """

    def __x() -> Literal[True] | float | list[Any] | None:
        """__x"""

    def ____(*, _x____: Object_4 | None = None, __: dict[str, Literal['class']] | None = None, ___b679: Object_2_2 | None = None) -> dict[str, dict[str, Literal['']]]:
        """\\_qu\\(
        _

        Its original name is '\\ufeff\\u202e%\\x00'.

        Args:
            _x____: (originally '\\ufeffx\\n\\ufeff\\u202e\\ufeff')
            __: (originally \"'⁾\")
            ___b679: (originally '𞸹ૡ')
        """

class s5:
    def __x(*, None_: list[Any] | None = None, ___e________: Object_5 | None = None, ___x_: H | None = None) -> Literal['None']:
        """g

        Args:
            None_: (originally 'None')
            ___e________: (originally '\\\\:\\re;\\t\\r #"\\n\\'')
            ___x_: (originally '%\\x00\\ufeffx\\\\')
        """

class s6:
    def x_x_() -> tuple[dict[str, Literal[True] | float | list[Any] | None]]:
        """class

        Its original name is 'x\\u2028x\\n'.
        """

    def __(*, _________: list[Literal['class']] | None = None, _______: None__6 | None = None) -> tuple[tuple[Any, Literal[True] | float | list[Any] | None, Literal['class']], Literal[True] | float | list[Any] | None, Literal['class']]:
        """%%\\

        Its original name is ';\\\\'.

        Args:
            _________: (originally '\\u202e"\"\"\\'\\'\\'\\ufeff\\u2028')
            _______: (originally 'শÑܱѨ𐭏🟰:')
        """

    def _______() -> dict[str, Object_6]:
        """__x

        Its original name is '\\u202e\\'\\'\\'"\"\"'.
        """

    def __x(*, class_: tuple[str] | None = None) -> Literal['x']:
        """)

        Args:
            class_: (originally 'class')
        """

class s7:
    def zfho(*, class_: dict[str, Literal['__x']] | None = None, None_: int | None = None, __x: Literal[True] | dict[str, list[None__7]] | float | list[Any] | None = ...) -> dict[str, Any]:
        """ඳ

        Args:
            class_: (originally 'class')
            None_: (originally 'None')
        """

    def ___x__x(*, None_: Class_4 | None = None) -> R_2:
        """class

        Its original name is '\\\\\\n\\u202ex\\x00\\x00x'.

        Args:
            None_: (originally 'None')
        """

    def __x(*, None_: Literal[' -\\\\\\#-:\r\r '] | None = None, class_: tuple[Any, Literal[True] | float | list[Any] | None] | None = None, __x: list[Any] | None = None) -> tuple[X_5, Any]:
        """class

        Args:
            None_: (originally 'None')
            class_: (originally 'class')
        """

class s8:
    def __x() -> Literal[True] | float | list[Any] | list[Literal[True] | float | list[Any] | None] | None:
        """__x"""

    def None_(*, lircxk: list[LircxkItem] | None = None) -> dict[str, Any]:
        """class

        Its original name is 'None'.
        """

    def _(*, ________x: list[Literal['__x', 'class']] | None = None) -> list[Literal['olfg']]:
        """' E=

        Its original name is ';'.

        Args:
            ________x: (originally '"\"\"%\\ufeff\\x00\\n%x')
        """

class s9:
    def None_(*, __x: list[tuple[Literal["פּ'&𑌈{ઓR"], Literal['__x']]] | None = None, __: Literal['__x'] = 'u', __e_____: dict[str, dict[str, Literal['\t\n\t:']]] | None = None) -> dict[str, Class_5]:
        """jwsxu

        Its original name is 'None'.

        Args:
            __: (originally '\\n\\ufeff')
            __e_____: (originally '}\\ne{;\\\\-)')
        """

    def __x(*, qfhbud: Literal['None'] | None = None, ____I___: list[list[list[Any]]] | None = None, class_: list[ClassItem] | None = None) -> list[Literal['\\x\u2028\x00', '}', 'None']]:
        """None

        Args:
            ____I___: (originally '<ಇ%ጓI࡞*ஜ')
            class_: (originally 'class')
        """

class s10:
    def ____________() -> Literal['__x']:
        """class

        Its original name is \"#}_\\n\\r{\\\\# '_\\t\".
        """

    def _x_(*, ______x__: list[Any] | None = None, ajnx: Literal['__x', '\t-:'] | None = None) -> Literal[True] | float | list[Any] | None:
        """\ufeff\ufeff''''''\u2028\\"\"\"

        Its original name is '\\x00x\\n'.

        Args:
            ______x__: (originally \"'''\\\\\\u202e\\u202ex\\n\\u202e\")
        """

    def __x(*, u: list[str] | None = None) -> dict[str, Any]:
        """r"""

class s11:
    def __x(*, __x: list[XItem] | None = None, _: dict[str, dict[str, Literal['xtee']]] | None = None) -> tuple[Literal[True] | float | list[Any] | None, tuple[Literal[True] | float | list[Any] | None, Any]]:
        """None

        Args:
            _: (originally '\\\\')
        """

class s12:
    def class_(*, None_: Literal[True, '"""\u202e\\\ufeff"""\u2028\n\\', '}#;{'] | float | list[Any] | None = ...) -> dict[str, list[Literal[True] | float | list[Any] | None]]:
        """None

        Its original name is 'class'.

        Args:
            None_: (originally 'None')
        """

    def None_(*, ___j_kf: list[None_] | None = None) -> tuple[dict[str, Literal['*𖭬8`']]]:
        """__x

        Its original name is 'None'.

        Args:
            ___j_kf: (originally '\\t#_j}kf')
        """

    def Y__M____() -> list[Any]:
        """__x

        Its original name is 'Y\\'ѨM/ಹ."'.
        """

    def gfu(*, ______x: list[str] | None = None) -> dict[str, Literal['class', True] | float | list[Any] | dict[str, Any] | None]:
        """\\'''x%

        Args:
            ______x: (originally '\\u2028"\"\"\\u2028\\\\x')
        """

class s13:
    def _(*, ___sv_y___: Literal[" )v''_-\\\t"] | None = None) -> list[Literal['class', 'None']]:
        """!?\"

        Its original name is ''.

        Args:
            ___sv_y___: (originally '  \\\\sv\\ry:)}')
        """

    def ________(*, qu: list[Literal[True] | float | list[Any] | None] | None = None, ______: list[Literal['__x']] | None = None, ___w_: Literal['class'] = '__x') -> Literal['None', '\\\x00x\u202e\n"""']:
        """\ufeff'''

        Its original name is '{𑰀᠔<ଘ𒑡𛱸ౝ'.

        Args:
            ______: (originally \"\\u2028\\u2028'''\\\\\")
            ___w_: (originally '%`/w𐧽')
        """

    def mt(*, ____: tuple[X_2] | None = None, ___x___: Any = ...) -> Literal[True] | float | list[Any] | None:
        """None

        Args:
            ____: (originally '{_"\\'')
            ___x___: (originally 'Ç%𝋈xØ|ⶪ')
        """

class s14:
    def kpzlu() -> list[tuple[X_3]]:
        """kijvm"""

    def _(*, _: dict[str, dict[str, Literal['yvowzr']]] | None = None) -> dict[str, Literal['class']]:
        """__x

        Its original name is '\\n'.

        Args:
            _: (originally '\\n')
        """

class s15:
    def None_() -> tuple[Any, dict[str, tuple[Any, dict[str, Any]]]]:
        """__x

        Its original name is 'None'.
        """

class s16:
    def _6_P__C_(*, ____: list[Literal['__x']] | None = None) -> Literal['{`ኍ.𛲟Ⱥృ', '__x'] | dict[str, Literal['{`ኍ.𛲟Ⱥృ', '__x'] | dict[str, Any]]:
        """\\#-wz    }

        Its original name is '6ȺPঐ`C"'.

        Args:
            ____: (originally '\\u202e\\u2028\\n%')
        """

    def ______() -> Literal['vzx']:
        """j𐃆½

        Its original name is '\\ufeff\\u2028\\ufeff\\ufeff\\n\\n'.
        """

class s17:
    def ___(*, ms: Literal[True] | float | list[Any] | None = ...) -> tuple[Literal['None', '__x']]:
        """_
            j'


        \\;-

        Its original name is '\\\\\\u2028\\u202e'.
        """

    def _(*, jqgke: Literal[True] | float | list[Any] | None = ..., _: Literal[True, " '\\\\)-#{:", '__x'] | float | list[Any] | None = ...) -> Literal[True] | float | list[Any] | None:
        """mltq

        Its original name is '�'.

        Args:
            _: (originally '')
        """

    def ___y______(*, pwpsg: int | None = None, nav: R | None = None) -> Literal['lr']:
        """pklp

        Its original name is '\\t\\\\_y"#}";}'.
        """

class s18:
    def __h_q(*, None_: tuple[dict[str, Any]] | None = None, __x: dict[str, Literal['None']] | None = None, class_: Any = ...) -> Literal[True] | float | list[Any] | None:
        """_#_

        Its original name is '} h(q'.

        Args:
            None_: (originally 'None')
            class_: (originally 'class')
        """

    def ___(*, zzfiv: dict[str, Literal[True] | float | list[Any] | None] | None = None, fI__g_: tuple[Literal[True] | float | list[Any] | None, Literal['𐨸', '', 'class'], Any] | None = None) -> dict[str, bool]:
        """bf

        Its original name is \"'''\".

        Args:
            fI__g_: (originally 'fI{&g/')
        """

    def class_(*, class_: Literal['ldjpev'] | None = None, rvpo: dict[str, list[Any]] | None = None, __x: list[A] | None = None) -> Any:
        """\"\"\"\"\"\"

        Its original name is 'class'.

        Args:
            class_: (originally 'class')
        """

class s19:
    def None_(*, class_: Ixyk | None = None, ___tm_: None__2 | None = None) -> dict[str, Any]:
        """\\\\ঽ්'=¥

        Its original name is 'None'.

        Args:
            class_: (originally 'class')
            ___tm_: (originally '"_\\\\tm"')
        """

    def bcmz(*, wxmwu: Any = ..., ____lx: tuple[Literal['__x']] | None = None) -> Literal['\u2028\\', '__x', 'xnzvk']:
        """None

        Args:
            ____lx: (originally \"?'\\\\`lx\")
        """

    def _oi_b_____(*, class_: dict[str, bool] | None = None) -> tuple[Literal['class'], Literal[True] | float | list[Any] | None]:
        """Ѩ¥𪳑|𐘇*

        Its original name is '\\noi}b \\t ;\\\\'.

        Args:
            class_: (originally 'class')
        """

class s20:
    def ______x____(*, class_: list[Any] | None = None, __x: list[None] | None = None) -> Literal[True] | float | list[Any] | None:
        """/ਿ

        Its original name is '"\"\"\"\"\"x\\n\\'\\'\\''.

        Args:
            class_: (originally 'class')
        """

    def class_() -> list[list[Any]]:
        """\\)
        \"\\_:\\":";

        Its original name is 'class'.
        """

class s21:
    def rNui_(*, __x_____: Literal['"""'] | None = None) -> None:
        """i}
        }
        x-p:};

        Its original name is 'rNui*'.

        Args:
            __x_____: (originally '\\ufeff\\\\x\\u202e\\u202e"\"\"')
        """

class s22:
    def None_(*, O_: Class | None = None) -> dict[str, tuple[str, Literal[True] | float | list[Any] | None]]:
        """\x00
        \u2028\u202e%'''

        Its original name is 'None'.

        Args:
            O_: (originally 'OѨ')
        """

    def f(*, m: Literal[")' \r\\\r"] | None = None, dtsvu: Literal['🕴🅟\ufe0c'] | None = None, class_: dict[str, Any] | None = None) -> dict[str, Literal['class']]:
        """\x00"\"\"\\x\\
        \"\"\"

        Args:
            class_: (originally 'class')
        """

    def x(*, __x: dict[str, Literal['gcrhb']] | None = None) -> list[Literal[True] | float | list[Any] | None]:
        """__x"""

class s23:
    def None_(*, __x: dict[str, Literal[True] | float | list[Any] | None] | None = None, None_: list[list[int]] | None = None) -> None__3:
        """None

        Its original name is 'None'.

        Args:
            None_: (originally 'None')
        """

    def class_(*, None_: tuple[Literal[True] | float | list[Any] | None, tuple[tuple[Literal['¥&খ�ﬔ', 'None']]], dict[str, Literal[True, 'class'] | float | list[Any] | None]] | None = None, class_: list[Any] | None = None) -> Literal['None']:
        """None

        Its original name is 'class'.

        Args:
            None_: (originally 'None')
            class_: (originally 'class')
        """

    def rdf() -> Bcw:
        """rᆋ𐋩Yફ%"""

class s24:
    def buhdwx(*, __: str | None = None, _____: dict[str, Literal['__x', 'class']] | None = None, class_: dict[str, dict[str, ClassValueValue]] | None = None) -> X_4:
        """class

        Args:
            __: (originally '\\ufeff\\ufeff')
            _____: (originally '%\\n\\x00%\\x00')
            class_: (originally 'class')
        """

    def __________(*, _: Literal['ugep', 'None'] | dict[str, Literal[True] | float | list[Any] | None] | list[Item] | None = None) -> dict[str, list[Any]]:
        """__x

        Its original name is '\\x00"\"\"\\n\\x00\\x00%\\ufeff\\\\'.

        Args:
            _: (originally '\\\\')
        """

    def ____(*, None_: Class_2 | None = None, _____: list[Literal['z\rv}"_}', 'lub', 'None']] | None = None) -> Literal[True, 'None'] | float | list[Any] | dict[str, Any] | None:
        """a

        Its original name is '\\r )\\r'.

        Args:
            None_: (originally 'None')
            _____: (originally '\\n\\x00\\ufeff\\n\\u202e')
        """
