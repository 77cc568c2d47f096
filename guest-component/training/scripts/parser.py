# A tokeniser, a parser and an evaluator, over characters and tuples.
def tokens(source):
    result = []
    index = 0
    while index < len(source):
        character = source[index]
        if character.isspace():
            index += 1
        elif character.isdigit():
            end = index
            while end < len(source) and (source[end].isdigit() or source[end] == '.'):
                end += 1
            text = source[index:end]
            result.append(('number', float(text) if '.' in text else int(text)))
            index = end
        elif character.isalpha() or character == '_':
            end = index
            while end < len(source) and (source[end].isalnum() or source[end] == '_'):
                end += 1
            result.append(('name', source[index:end]))
            index = end
        elif character in '+-*/()=,<>':
            result.append(('operator', character))
            index += 1
        else:
            raise SyntaxError(f'{character!r} at {index}')
    return result


class Parser:
    def __init__(self, source):
        self.tokens = tokens(source)
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ('end', None)

    def take(self, wanted=None):
        token = self.peek()
        if wanted is not None and token[1] != wanted:
            raise SyntaxError(f'expected {wanted}, found {token[1]}')
        self.at += 1
        return token

    def sum(self):
        left = self.product()
        while self.peek()[1] in ('+', '-'):
            operator = self.take()[1]
            left = (operator, left, self.product())
        return left

    def product(self):
        left = self.atom()
        while self.peek()[1] in ('*', '/'):
            operator = self.take()[1]
            left = (operator, left, self.atom())
        return left

    def atom(self):
        kind, value = self.take()
        if kind == 'number':
            return value
        if kind == 'name':
            return ('name', value)
        if value == '-':
            return ('neg', self.atom())
        if value == '(':
            inner = self.sum()
            self.take(')')
            return inner
        raise SyntaxError('expected a value')


def evaluate(tree, names):
    match tree:
        case int() | float():
            return tree
        case ('name', name):
            return names[name]
        case ('neg', inner):
            return -evaluate(inner, names)
        case ('+', left, right):
            return evaluate(left, names) + evaluate(right, names)
        case ('-', left, right):
            return evaluate(left, names) - evaluate(right, names)
        case ('*', left, right):
            return evaluate(left, names) * evaluate(right, names)
        case ('/', left, right):
            return evaluate(left, names) / evaluate(right, names)


total = 0
for index in range(120):
    source = f'(width + {index}) * 2 - -height / (3.5 + {index}) + depth * (width - {index % 7}) * 4'
    tree = Parser(source).sum()
    for width in range(5):
        total += evaluate(tree, {'width': width, 'height': index, 'depth': 3})
print(round(total, 3))
# ---
errors = []
for source in ['1 +', '(2 * 3', '4 $ 5', 'missing * 2', '1 / (2 - 2)']:
    try:
        evaluate(Parser(source).sum(), {})
    except (SyntaxError, KeyError, ZeroDivisionError) as error:
        errors.append(f'{type(error).__name__}: {error}')
errors
