namespace ServerlessImages.Events;

/// <summary>Which shares of a limit, of 50, 80 and 100 %, are reached or were announced: one bit each. Whoever has one has those below it.</summary>
public readonly record struct SpendMarks(int Bits)
{
    private static readonly int[] Percents = [50, 80, 100];

    public static SpendMarks None => default;

    private static SpendMarks All => new((1 << Percents.Length) - 1);

    public static SpendMarks Reached(Money spent, Money limit) =>
        new(Percents.Index().Where(mark => spent * 100 >= limit * mark.Item).Sum(mark => 1 << mark.Index));

    /// <summary>The same after a charge: a limit is also used up when what is left is less than the charged request had needed, for the next such request is refused.</summary>
    /// <param name="quote">What was held for the request.</param>
    public static SpendMarks Reached(Money spent, Money limit, Money left, Money quote) => left < quote ? All : Reached(spent, limit);

    /// <returns>The highest that is reached, unless it was announced.</returns>
    public int? Crossed(SpendMarks reached)
    {
        if (reached == None) return null;
        var highest = int.Log2(reached.Bits);
        return (Bits >> highest) == 0 ? Percents[highest] : null;
    }

    public SpendMarks With(SpendMarks reached) => new(Bits | reached.Bits);

    /// <summary>What is not reached any more can be crossed again.</summary>
    public SpendMarks Rearmed(SpendMarks reached) => new(Bits & reached.Bits);
}
