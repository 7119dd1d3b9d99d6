"""Shortened tests: a psql script without its slow statements.

A script is cut where psql itself would send a statement. What stays is run
before the whole script; what it prints has to be what the same statements
print in the whole one, so a difference there is a difference of the test.
"""
import re

MARK = '@@chunk'
TIME = re.compile(r'^Time: ([\d.]+) ms')
# what has to stay for the sake of what follows it
ALWAYS = re.compile(r'^\s*(\\|BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|END|SET|RESET|DISCARD)', re.I)


def chunks(text):
    """Statements and backslash commands, each with the comments before it; together they are the text."""
    out = []
    start = place = depth = 0
    empty = True                        # nothing but space and comments since the last end
    while place < len(text):
        c = text[place]
        if text.startswith('--', place):
            place = text.find('\n', place)
            place = len(text) if place < 0 else place
        elif text.startswith('/*', place):
            place = text.index('*/', place) + 2
        elif c == "'" or c == '"':
            escapes = c == "'" and text[place - 1:place] in 'eE' and not re.match(r'\w', text[place - 2:place - 1] or ' ')
            place += 1
            while text[place] != c:
                place += 2 if escapes and text[place] == '\\' else 1
            place += 1
            empty = False
        elif c == '$' and re.match(r'\$(\w*)\$', text[place:]) and not re.match(r'\w', text[place - 1:place] or ' '):
            tag = re.match(r'\$\w*\$', text[place:]).group()
            place = text.index(tag, place + len(tag)) + len(tag)
            empty = False
        elif c == '\\':
            # a command of psql goes to the end of its line
            end = text.find('\n', place)
            place = len(text) if end < 0 else end + 1
            out.append(text[start:place])
            start, empty, depth = place, True, 0
        else:
            depth += (c == '(') - (c == ')')
            place += 1
            empty = empty and c.isspace()
            if c == ';' and depth <= 0:
                end = place
                while end < len(text) and text[end] in ' \t':
                    end += 1
                if end < len(text) and text[end] == '\n':
                    end += 1
                out.append(text[start:end])
                start = place = end
                empty, depth = True, 0
    if text[start:].strip():
        out.append(text[start:])
    return out


def bare(part):
    """Without the comments before it."""
    return re.sub(r'^(\s*(--[^\n]*\n|/\*.*?\*/))*\s*', '', part, flags=re.S)


def marked(parts, keep, timing):
    """The script of the parts kept, with a mark before each; not with commands of psql that last to a second line."""
    out = ['\\timing on\n'] if timing else []
    for n, part in enumerate(parts):
        if keep[n]:
            out += ['\\echo %s %d\n' % (MARK, n), part if part.endswith('\n') else part + '\n']
    out.append('\\echo %s end\n' % MARK)
    return ''.join(out)


def by_chunk(lines):
    """Output of a marked script: number -> (lines, milliseconds)."""
    out = {}
    now = None
    for line in lines:
        if line.startswith(MARK):
            now = line.split()[1]
            if now != 'end':
                now = int(now)
                out[now] = ([], 0.0)
            continue
        time = TIME.match(line)
        if now is None or now == 'end' or line.startswith('\\echo ' + MARK):
            continue
        if time:
            out[now] = (out[now][0], out[now][1] + float(time.group(1)))
        else:
            out[now][0].append(line)
    return out
