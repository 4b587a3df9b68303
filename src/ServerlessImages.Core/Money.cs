using System.Globalization;

namespace ServerlessImages;

/// <summary>An amount of US dollars, as a whole number of micros: 1 USD is 1,000,000 micros. Arithmetic is checked.</summary>
public readonly record struct Money(long Micros) : IComparable<Money>
{
    public const long MicrosPerDollar = 1_000_000;

    public static Money Zero => default;

    public static Money Dollars(long dollars) => new(checked(dollars * MicrosPerDollar));

    public static Money operator +(Money left, Money right) => new(checked(left.Micros + right.Micros));
    public static Money operator -(Money left, Money right) => new(checked(left.Micros - right.Micros));
    public static Money operator *(Money left, int right) => new(checked(left.Micros * right));
    public static bool operator <(Money left, Money right) => left.Micros < right.Micros;
    public static bool operator >(Money left, Money right) => left.Micros > right.Micros;
    public static bool operator <=(Money left, Money right) => left.Micros <= right.Micros;
    public static bool operator >=(Money left, Money right) => left.Micros >= right.Micros;

    public static Money Min(Money left, Money right) => left <= right ? left : right;
    public static Money Max(Money left, Money right) => left >= right ? left : right;

    public int CompareTo(Money other) => Micros.CompareTo(other.Micros);

    /// <summary>The wire form: dollars with six places, <c>0.005880</c>.</summary>
    public override string ToString() => (Micros / (decimal)MicrosPerDollar).ToString("0.000000", CultureInfo.InvariantCulture);
}
