"""ristretto255 (RFC 9496) on plain integers: slow, and written from the RFC alone. For section 18."""

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) ** 2 % P


def negative(x):
    return x % P & 1


def absolute(x):
    return (P - x) % P if negative(x) else x % P


def sqrt_ratio(u, v):
    """(whether u/v is a square, the root of it or of i·u/v that is not negative)."""
    root = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * root * root % P
    flipped = check == -u % P
    if flipped or check == -u * SQRT_M1 % P:
        root = root * SQRT_M1 % P
    return check == u % P or flipped, absolute(root)


INVSQRT_A_MINUS_D = sqrt_ratio(1, -1 - D)[1]
# Of the two roots RFC 9496 names one for its constants.
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235


class Point:
    def __init__(self, x, y, z, t):
        self.x, self.y, self.z, self.t = x % P, y % P, z % P, t % P

    def __add__(self, other):
        a = (self.y - self.x) * (other.y - other.x)
        b = (self.y + self.x) * (other.y + other.x)
        c = 2 * self.t * other.t * D
        d = 2 * self.z * other.z
        e, f, g, h = b - a, d - c, d + c, b + a
        return Point(e * f, g * h, f * g, e * h)

    def __rmul__(self, scalar):
        out, power = NEUTRAL, self
        while scalar:
            if scalar & 1:
                out = out + power
            power, scalar = power + power, scalar >> 1
        return out

    def encode(self):
        u1, u2 = (self.z + self.y) * (self.z - self.y) % P, self.x * self.y % P
        _, root = sqrt_ratio(1, u1 * u2 * u2)
        den1, den2 = root * u1 % P, root * u2 % P
        z_inv = den1 * den2 * self.t % P
        x, y, den = self.x, self.y, den2
        if negative(self.t * z_inv):
            x, y, den = self.y * SQRT_M1 % P, self.x * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
        if negative(x * z_inv):
            y = -y % P
        return absolute(den * (self.z - y)).to_bytes(32, "little")


NEUTRAL = Point(0, 1, 1, 0)


def decode(data):
    """The point, or None for what is no canonical encoding."""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or negative(s):
        return None
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    v = (-(D * u1 * u1) - u2 * u2) % P
    square, root = sqrt_ratio(1, v * u2 * u2)
    x = absolute(2 * s * root * u2)
    y = u1 * root * root * u2 * v % P
    if not square or negative(x * y) or y == 0:
        return None
    return Point(x, y, 1, x * y)


def _elligator(t):
    r = SQRT_M1 * t * t % P
    u, v = (r + 1) * ONE_MINUS_D_SQ % P, (-1 - r * D) * (r + D) % P
    square, s = sqrt_ratio(u, v)
    if not square:
        s = -absolute(s * t) % P
    c = -1 % P if square else r
    n = (c * (r - 1) * D_MINUS_ONE_SQ - v) % P
    w0, w1, w2, w3 = 2 * s * v, n * SQRT_AD_MINUS_ONE, 1 - s * s, 1 + s * s
    return Point(w0 * w3, w2 * w1, w1 * w3, w0 * w2)


def from_hash(data):
    halves = (int.from_bytes(half, "little") % 2**255 for half in (data[:32], data[32:]))
    return sum((_elligator(half) for half in halves), NEUTRAL)


def multiply(scalar, data):
    """scalar_mult_vfy: None for what is no point, and where the product is the neutral one."""
    point = decode(data)
    product = (scalar * point).encode() if point else None
    return None if product == bytes(32) else product
