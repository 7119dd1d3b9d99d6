"""Finds the mutants: every change of a constant, a threshold or a pair of
weights in the formulas of the C files and of the install scripts.

A file is cut into tokens; what a token means is judged from its neighbours and
from the brackets around it. doc/mutation.md has the rules in words.
"""
import collections
import glob
import os
import random
import re

# Where formulas are.
FILES = ('src/*_math.[ch]', 'src/*_epic5.c', 'src/num.c', 'src/special.c', 'src/linalg.c', 'src/rng.c',
         'src/evaluation.c', 'src/logit.c', 'src/off_policy.c', 'src/draws.c', 'sql/install/05_draws.sql', 'sql/install/1[0-9]_*.sql', 'sql/install/2[0-9]_epic5_*.sql',
         'sql/install/59_a*.sql', 'sql/install/*_api_*.sql', 'sql/install/*_analyze*.sql')
SHARED = ('num', 'special', 'linalg', 'rng')

# A coefficient table longer than this is sampled, with a seed that stays.
LONG_TABLE = 12
SAMPLED = 4
TABLE_SEED = 20

Mutant = collections.namedtuple('Mutant', 'name file line code start end text kind before')
Token = collections.namedtuple('Token', 'kind text start end around depth')
# Around: an open bracket, what stands before it, and how many ; and , it has seen
Open = collections.namedtuple('Open', 'bracket callee index')

NUMBER = r'(?:\d+\.(?!\.)\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?'
C_TOKEN = re.compile(r'(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')'
                     r'|(?P<number>0[xX][0-9a-fA-F]+[uUlL]*|' + NUMBER + r'[fFlLuU]*)|(?P<word>[A-Za-z_]\w*)'
                     r'|(?P<operator>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%]=|[^\s])', re.S)
SQL_TOKEN = re.compile(r'(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<dollar>\$\w*\$)|(?P<string>[eE]?\'(?:\'\'|[^\'])*\')|(?P<quoted>"[^"]*")'
                       r'|(?P<parameter>\$\d+)|(?P<number>' + NUMBER + r')|(?P<word>[A-Za-z_][\w]*)'
                       r'|(?P<operator>::|:=|\.\.|=>|<=|>=|<>|!=|\|\||->>|->|@>|<@|[^\s])', re.S)
QUALIFIED = re.compile(r'OPERATOR\s*\(\s*pg_catalog\s*\.\s*([^\s)]+)\s*\)', re.I)

COMPARISONS = {'<': '<=', '<=': '<', '>': '>=', '>=': '>'}
ARITHMETIC = set('+-*/^')

# Calls whose arguments are limits: what stands alone there is a threshold.
C_LIMITS = re.compile(r'^(num_clamp|fmin|fmax|Min|Max|Check\w*Range|CheckBound|NumberArgument|ListArgument|\w*Clamp\w*)$')
SQL_LIMITS = re.compile(r'^(least|greatest|\w*check_\w+|width_bucket|\w*clamp\w*)$', re.I)
# Calls whose arguments are places, sizes or messages.
C_PLACES = re.compile(r'^(PG_GETARG\w*|PG_ARGISNULL|PG_FUNCTION\w*|sizeof|offsetof|memset|memcpy|\w*alloc\w*|AllocSet\w*|ereport|elog|err\w+|InitMaterializedSRF|'
                      r'Wire\w+|Text\w+|State\w+|Names\w+|DatumGet\w+|CHECK\w*|lengthof|AggCheck\w*|construct_\w+|deconstruct_\w+)$')
SQL_PLACES = re.compile(r'^(array_length|array_ndims|array_upper|array_lower|generate_subscripts|substr|substring|split_part|format|'
                        r'set_config|to_char|numeric|decimal|varchar|char|timestamp|timestamptz|time|raise|left|right|repeat|lpad|rpad)$', re.I)
C_SIZES = re.compile(r'(VERSION|BYTES|_SIZE|CAPACITY|_COLUMNS)$|^(COLUMNS|NODES)$')
SPAN = re.compile(r'^\'(\d+)(\s*(?:milliseconds?|seconds?|minutes?|hours?|days?|weeks?|months?|years?))\'$', re.I)
NUMBERS = re.compile(r'^\'\{*\s*[-+]?\d[-+\d.,eE\s]*\}*\'$')


def squeeze(text):
    return ' '.join(text.split())


def value_of(text):
    return float(int(text.rstrip('uUlL'), 16)) if text[:2] in ('0x', '0X') else float(text.rstrip('fFlLuU'))


def is_integer(text):
    return re.fullmatch(r'\d+[uUlL]*', text) is not None


def changed(text, threshold):
    """A clearly different number of the same kind."""
    if is_integer(text):
        digits = text.rstrip('uUlL')
        return str(int(digits) + 1) + text[len(digits):]
    value = value_of(text)
    if value == 0:
        new = 0.01 if threshold else 0.1
    elif value <= 1e-6:
        new = value * 1e6               # a tolerance: one tenth more is no change
    else:
        new = value * (1.02 if threshold else 1.1)
    out = '%.12g' % new
    return out if re.search(r'[.e]', out) else out + '.0'


def tokens(text, pattern, offset=0, around=()):
    """Tokens without comments, each with the brackets that are open around it."""
    out = []
    stack = list(around)
    counts = [0] * len(stack)
    place = 0
    while place < len(text):
        if pattern is SQL_TOKEN:
            qualified = QUALIFIED.match(text, place)
            if qualified:
                out.append(Token('operator', qualified.group(1), offset + qualified.start(1), offset + qualified.end(1),
                                 tuple(Open(o.bracket, o.callee, c) for o, c in zip(stack, counts)), len(stack)))
                place = qualified.end()
                continue
        match = pattern.search(text, place)
        if not match:
            break
        kind = match.lastgroup
        place = match.end()
        if kind == 'comment':
            continue
        surroundings = tuple(Open(o.bracket, o.callee, c) for o, c in zip(stack, counts))
        if kind == 'dollar':
            close = text.index(match.group(), place)
            out.append(Token('operator', '$$', offset + match.start(), offset + match.end(), surroundings, len(stack)))
            out += tokens(text[place:close], pattern, offset + place, stack + [Open('$$', '', 0)])
            out.append(Token('operator', '$$', offset + close, offset + close + len(match.group()), surroundings, len(stack)))
            place = close + len(match.group())
            continue
        token = Token(kind, match.group(), offset + match.start(), offset + match.end(), surroundings, len(stack))
        if token.text in ('(', '[', '{'):
            before = out[-1].text if out else ''
            stack.append(Open(token.text, before, 0))
            counts.append(0)
        elif token.text in (')', ']', '}') and len(stack) > len(around):
            stack.pop()
            counts.pop()
        elif token.text in (',', ';') and counts:
            counts[-1] += 1
        out.append(token)
    return out


class Finder:
    def __init__(self, top, file):
        self.file = file
        with open(os.path.join(top, file), encoding='utf-8') as f:
            self.text = f.read()
        self.lines = self.text.split('\n')
        self.found = []

    def line_of(self, place):
        return self.text.count('\n', 0, place) + 1

    def add(self, start, end, new, kind, shown=None):
        old = self.text[start:end]
        line = self.line_of(start)
        shown = shown or '%s->%s' % (old, new)
        self.found.append((start, end, new, kind, line, shown))

    def result(self):
        seen = collections.Counter()
        out = []
        for start, end, new, kind, line, shown in sorted(set(self.found)):
            seen[line, shown] += 1
            again = '#%d' % seen[line, shown] if seen[line, shown] > 1 else ''
            out.append(Mutant('%s:%d:%s%s' % (self.file, line, shown, again), self.file, line,
                              squeeze(self.lines[line - 1]), start, end, new, kind,
                              next((squeeze(x) for x in reversed(self.lines[:line - 1]) if x.strip()), '')))
        return out

    def swap(self, left, right):
        """Two numbers of one table change places."""
        a, b = self.text[left.start:left.end], self.text[right.start:right.end]
        if a != b and not (left.kind == right.kind == 'number' and value_of(a) == value_of(b)):
            between = self.text[left.end:right.start]
            self.add(left.start, right.end, b + between + a, 'swap', '%s<->%s' % (a, b))


def is_limit(operand):
    """A number, a named constant, or an element of a table of limits?"""
    return operand is not None and (operand.kind == 'number' or
                                    (operand.kind == 'word' and re.fullmatch(r'[A-Z][A-Z0-9_]{2,}', operand.text)))


def neighbour(stream, i, step, skip):
    i += step
    while 0 <= i < len(stream) and stream[i].text in skip:
        i += step
    return stream[i] if 0 <= i < len(stream) else None


def weights_of_products(finder, stream, ends):
    """Weights of one sum, 0.4 * a + 0.3 * b: neighbours are swapped."""
    last = None
    for i, token in enumerate(stream):
        if token.text in ends:
            last = None
        if token.kind != 'number' or is_integer(token.text) or value_of(token.text) in (0.0, 1.0):
            continue
        after = neighbour(stream, i, 1, ('::', 'float8', 'pg_catalog', '.', 'numeric'))
        before = neighbour(stream, i, -1, ())
        if (after is not None and after.text == '*') or (before is not None and before.text == '*'):
            if last is not None and token.depth == last.depth:
                finder.swap(last, token)
            last = token


# ---------------------------------------------------------------------------
# C
# ---------------------------------------------------------------------------

def find_c(top, file):
    finder = Finder(top, file)
    text = finder.text
    # Preprocessor lines are blanked, but for the bodies of #define.
    defines = {}
    blanked = []
    continued = None
    place = 0
    for line in text.split('\n'):
        out = line
        if continued is not None or line.lstrip().startswith('#'):
            define = re.match(r'\s*#\s*define\s+(\w+)(\([^)]*\))?', line)
            if continued == 'define':
                out = re.sub(r'\\$', ' ', line)
            elif define:
                body = define.end()
                out = ' ' * body + re.sub(r'\\$', ' ', line[body:]) + ''
                defines[place + body] = (define.group(1), place + len(line))
            else:
                out = ' ' * len(line)
            kind = 'define' if define or continued == 'define' else 'other'
            continued = kind if line.endswith('\\') else None
        blanked.append(out)
        place += len(line) + 1
    code = '\n'.join(blanked)
    stream = tokens(code, C_TOKEN)

    def define_of(token):
        for start, (name, end) in defines.items():
            if start <= token.start < end:
                return name
        return None

    compared = set(re.findall(r'(?:[<>]=?)\s*-?\s*([A-Z][A-Z0-9_]+)\b', code)) | set(re.findall(r'\b([A-Z][A-Z0-9_]+)\s*[<>]=?(?![<>])', code))
    tables = {}                         # name of a const table -> (first, last) token number
    for i, token in enumerate(stream):
        if token.text == '{' and i > 1 and stream[i - 1].text == '=':
            j = i - 2
            while j > 0 and (stream[j].text in '[]*' or stream[j].around and stream[j].around[-1].bracket == '['):
                j -= 1
            before = [t.text for t in stream[max(0, j - 6):j]]
            if 'const' in before and stream[j].kind == 'word':
                k = i + 1
                while k < len(stream) and not (stream[k].text == '}' and stream[k].depth == token.depth + 1):
                    k += 1
                tables[stream[j].text] = (i, k)
    limits = {name for name in tables if re.search(r'(?:[<>]=?)\s*' + name + r'\[|\b' + name + r'\[[^]]*\]\s*[<>]=?', code)}
    inside = {}
    for name, (first, last) in tables.items():
        for i in range(first, last):
            inside[i] = name

    exact = file.endswith(('_math.c', '_math.h', '_epic5.c')) or os.path.basename(file)[:-2] in SHARED
    for i, token in enumerate(stream):
        before = stream[i - 1] if i else None
        after = stream[i + 1] if i + 1 < len(stream) else None
        callees = [o.callee for o in token.around if o.bracket == '(']
        in_for = any(o.bracket == '(' and o.callee == 'for' for o in token.around)
        if any(C_PLACES.match(c) for c in callees if c):
            continue
        # a comparison with a limit
        if token.text in COMPARISONS and before is not None and after is not None and not in_for:
            right = neighbour(stream, i, 1, ('-', '+', '('))
            left = neighbour(stream, i, -1, (')',))
            table_right = right is not None and right.text in limits
            table_left = left is not None and left.text == ']' and any(
                t.text in limits for t in stream[max(0, i - 6):i])
            if is_limit(right) or is_limit(left) or table_right or table_left:
                finder.add(token.start, token.end, COMPARISONS[token.text], 'comparison')
            continue
        if token.kind != 'number' or token.text.lower().startswith('0x'):
            continue
        if any(o.bracket == '[' for o in token.around):
            continue
        if in_for and [o for o in token.around if o.callee == 'for'][-1].index == 0:
            continue
        if any(o.bracket == '{' and o.callee == 'enum' for o in token.around) or (before is not None and before.text == 'case'):
            continue
        name = define_of(token)
        if name is not None and C_SIZES.search(name):
            continue
        # which argument of the function, not a number
        if is_integer(token.text) and before is not None and before.text == ',' and i > 1 and stream[i - 2].text == 'fcinfo':
            continue
        around = (before.text if before is not None else '', after.text if after is not None else '')
        signed = stream[i - 2].text if i > 1 and around[0] in ('-', '+') else around[0]
        compared_here = signed in COMPARISONS or around[1] in COMPARISONS
        callee = token.around[-1].callee if token.around and token.around[-1].bracket == '(' else ''
        alone = signed in ('(', ',') and around[1] in (')', ',')
        threshold = (compared_here or (alone and C_LIMITS.match(callee) is not None) or
                     (name is not None and name in compared) or (inside.get(i) in limits))
        if value_of(token.text) in (0.0, 1.0):
            if is_integer(token.text):
                if not (compared_here and exact and not in_for) and name is None:
                    continue
                if name is not None and not threshold:
                    continue
            elif around[0] == '=' and around[1] in (';', ',', '='):
                continue                # where a sum or product begins
            elif i in inside and value_of(token.text) == 0.0 and inside[i] not in limits:
                pass
            elif token.around and token.around[-1].bracket == '{' and i not in inside and around[0] in ('{', ',') and around[1] in ('}', ','):
                continue                # an initialiser
        elif is_integer(token.text) and not exact and not (threshold or name is not None or around[0] in '*/' or around[1] in '*/'):
            continue
        finder.add(token.start, token.end, changed(token.text, threshold), 'threshold' if threshold else 'constant')

    # neighbours in tables
    chosen = random.Random(TABLE_SEED)
    dropped = set()
    for name, (first, last) in tables.items():
        numbers = [(i, stream[i]) for i in range(first, last)
                   if stream[i].kind == 'number' or (stream[i].kind == 'word' and is_limit(stream[i]) and 'double' in
                                                     [t.text for t in stream[max(0, first - 8):first]])]
        numbers = [(i, t) for i, t in numbers if not any(o.bracket == '[' for o in t.around)]
        deepest = max((t.depth for _, t in numbers), default=0)
        rows = collections.OrderedDict()
        row = 0
        for i in range(first, last + 1):
            if i < len(stream) and stream[i].text == '}':
                row += 1
            for j, t in numbers:
                if j == i:
                    rows.setdefault(row, []).append(t)
        rows = list(rows.values())
        pairs = []
        if len(rows) > 1 and deepest > 1:
            for a, b in zip(rows, rows[1:]):
                pairs += list(zip(a, b)) if len(a) == len(b) else []
        else:
            for a in rows:
                pairs += [(x, y) for x, y in zip(a, a[1:]) if not any(
                    stream[k].text in ARITHMETIC for k in range(first, last) if x.end <= stream[k].start < y.start)]
        pairs = [(x, y) for x, y in pairs if x.end < y.start]
        if len(numbers) > LONG_TABLE and os.path.basename(file)[:-2] in SHARED:
            keep = set(chosen.sample(range(len(numbers)), SAMPLED))
            dropped |= {t.start for n, (_, t) in enumerate(numbers) if n not in keep}
            pairs = chosen.sample(pairs, 2)
        for x, y in pairs:
            finder.swap(x, y)
    finder.found = [f for f in finder.found if f[3] == 'swap' or f[0] not in dropped]
    # neighbours among named weights
    named = []
    for start, (name, end) in sorted(defines.items()):
        numbers = [t for t in stream if start <= t.start < end]
        if len(numbers) == 1 and numbers[0].kind == 'number' and re.search(r'(^|_)(WEIGHT|W)(_|$)', name):
            named.append((finder.line_of(start), numbers[0]))
    for (line, a), (next_line, b) in zip(named, named[1:]):
        if next_line == line + 1:
            finder.swap(a, b)
    weights_of_products(finder, [t for n, t in enumerate(stream) if n not in inside], (';', '{', '}', '?', ':'))
    return finder.result()


# ---------------------------------------------------------------------------
# SQL
# ---------------------------------------------------------------------------

STATEMENTS = ('CREATE', 'COMMENT', 'GRANT', 'REVOKE', 'DO', 'ALTER', 'SELECT', 'INSERT', 'SET')
NOT_BEFORE = ('limit', 'offset', 'rows', 'cost', 'fetch', 'sspace', 'by')


def statement_starts(text, stream):
    # SET also stands in the head of a function
    return [i for i, t in enumerate(stream) if t.kind == 'word' and t.depth == 0 and t.text.upper() in STATEMENTS and
            (t.start == 0 or text[t.start - 1] == '\n') and (t.text.upper() != 'SET' or i == 0 or stream[i - 1].text == ';')]


def statement_at(text, place):
    """The statement that stands at a place of an install script."""
    stream = tokens(text, SQL_TOKEN)
    starts = [stream[i].start for i in statement_starts(text, stream)] + [len(text)]
    return next(text[a:b] for a, b in zip(starts, starts[1:]) if a <= place < b)


def find_sql(top, file):
    finder = Finder(top, file)
    stream = tokens(finder.text, SQL_TOKEN)
    starts = statement_starts(finder.text, stream)
    for first, last in zip(starts, starts[1:] + [len(stream)]):
        statement = stream[first:last]
        words = [t.text.upper() for t in statement[:4]]
        if words[0] == 'CREATE' and words[1] in ('FUNCTION', 'PROCEDURE'):
            body = next((i for i, t in enumerate(statement) if t.depth == 0 and (
                t.text == '$$' or t.text.upper() == 'RETURN' or
                (t.text.upper() == 'BEGIN' and statement[i + 1].text.upper() == 'ATOMIC'))), len(statement))
            in_sql(finder, statement, body)
        elif words[0] == 'CREATE' and 'VIEW' in words:
            in_sql(finder, statement, 0)
    return finder.result()


def in_sql(finder, statement, body):
    raising = False
    for i, token in enumerate(statement):
        before = statement[i - 1] if i else None
        after = statement[i + 1] if i + 1 < len(statement) else None
        previous = before.text.lower() if before is not None else ''
        following = after.text.lower() if after is not None else ''
        if token.text.upper() == 'RAISE':
            raising = True
        if token.text == ';':
            raising = False
        if raising:
            continue
        # in the head of the function only defaults are constants
        if i < body:
            head = statement[i - 2].text.lower() if previous in ('-', '+') else previous
            if head != 'default' and not (head == '=' and statement[i - 2].text != ':'):
                continue
            if token.kind not in ('number', 'string') or any(o.bracket == '[' for o in token.around):
                continue
        elif any(o.callee and SQL_PLACES.match(o.callee) for o in token.around if o.bracket == '('):
            continue
        if token.text in COMPARISONS:
            right = neighbour(statement, i, 1, ('-', '+', '('))
            left = neighbour(statement, i, -1, (')', 'float8', '::', 'numeric', 'bigint', 'integer', 'pg_catalog', '.'))
            if (right is not None and right.kind == 'number') or (left is not None and left.kind == 'number'):
                finder.add(token.start, token.end, COMPARISONS[token.text], 'comparison')
            continue
        if token.kind == 'string':
            span = SPAN.match(token.text)
            if span:
                finder.add(token.start + 1, token.start + 1 + len(span.group(1)), str(int(span.group(1)) + 1), 'constant')
            elif NUMBERS.match(token.text) and not re.fullmatch(r"'\d{5}'", token.text):
                values = list(re.finditer(NUMBER, token.text))
                for value in values:
                    if len(values) == 1 and value.group() in ('0', '1'):
                        continue
                    finder.add(token.start + value.start(), token.start + value.end(), changed(value.group(), False), 'constant')
                for a, b in zip(values, values[1:]):
                    if a.group() != b.group():
                        x, y = (Token('number', m.group(), token.start + m.start(), token.start + m.end(), (), 0) for m in (a, b))
                        finder.swap(x, y)
            continue
        if token.kind != 'number' or any(o.bracket == '[' and o.callee.lower() != 'array' for o in token.around):
            continue
        signed = statement[i - 2].text.lower() if i > 1 and previous in ('-', '+') else previous
        if signed in NOT_BEFORE or following == '..':
            continue
        callee = token.around[-1].callee.lower() if token.around and token.around[-1].bracket == '(' else ''
        if callee == 'generate_series' and token.around[-1].index == 0:
            continue
        compared = signed in COMPARISONS or following in COMPARISONS
        # a cast does not hide what stands behind it
        behind = neighbour(statement, i, 1, ('::', 'float8', 'numeric', 'bigint', 'integer', 'pg_catalog', '.'))
        alone = signed in ('(', ',') and behind is not None and behind.text in (')', ',')
        threshold = (compared or (behind is not None and behind.text in COMPARISONS) or signed == 'between' or
                     (alone and SQL_LIMITS.match(callee) is not None))
        if value_of(token.text) in (0.0, 1.0) and not threshold:
            arithmetic = previous in ARITHMETIC or (behind is not None and behind.text in ARITHMETIC)
            answer = signed in ('then', 'else', 'return', 'default') or callee in ('coalesce', 'round')
            if not answer and not (arithmetic and value_of(token.text) == 1.0):
                continue
        new = changed(token.text, threshold)
        finder.add(token.start, token.end, new, 'threshold' if threshold else 'constant')
    weights_of_products(finder, statement[body:], (';', 'WHEN', 'THEN', 'ELSE', 'when', 'then', 'else'))


# ---------------------------------------------------------------------------

def parts(text, sql):
    """First lines of the parts of a file, from 1: in C a part ends with a brace at the start of a line, in SQL a
    CREATE or COMMENT there begins one. What is known of a mutant holds while its part stays as it is."""
    out = [1]
    for number, line in enumerate(text.split('\n'), 1):
        if number > 1 and sql and re.match(r'(CREATE|COMMENT|ALTER|DO)\b', line):
            out.append(number)
        elif not sql and line.startswith('}'):
            out.append(number + 1)
    return out


def formula_files(top):
    found = set()
    for pattern in FILES:
        found |= {os.path.relpath(p, top) for p in glob.glob(os.path.join(top, pattern))}
    # the C file of a family: its formulas stand among its plumbing
    for path in list(found):
        family = re.match(r'src/(\w+)_math\.c$', path)
        if family and os.path.exists(os.path.join(top, 'src/%s.c' % family.group(1))):
            found.add('src/%s.c' % family.group(1))
    return sorted(found)


def family_of(file):
    stem = os.path.splitext(os.path.basename(file))[0]
    stem = re.sub(r'^\d\d_', '', stem)
    stem = re.sub(r'^logit', 'struggle', stem)      # its tests
    return re.sub(r'^epic5_|_(math|epic5)$', '', stem)


def is_endpoint(file):
    """Endpoints and analysis are tested by pgTAP files of their own, on attached tables."""
    return re.match(r'sql/install/(59_a\w+|\d\d_(api|analyze)\w*)\.sql$', file) is not None


def endpoint_files(top):
    return [f for f in formula_files(top) if is_endpoint(f)]


def tests_endpoints(test):
    return re.match(r'test/pgtap/(access|(api|analyze)\w*)\.sql$', test) is not None


def find(top):
    out = []
    for file in formula_files(top):
        out += find_sql(top, file) if file.endswith('.sql') else find_c(top, file)
    return out
