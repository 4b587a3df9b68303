namespace ServerlessImages.Pricing;

/// <summary>What a plan adds to the upstream's price, in hundredths of a percent.</summary>
public readonly record struct Markup(int BasisPoints)
{
    private const int Whole = 10_000;

    /// <summary>The marked-up price. Rounds down to a whole micro-dollar: a lost fraction is ours.</summary>
    public Money On(Money cost) => new(checked((long)((Int128)cost.Micros * (Whole + BasisPoints) / Whole)));
}

/// <summary>The price of one million tokens of one kind, the unit in which Azure publishes prices.</summary>
public readonly record struct TokenRate(Money PerMillion)
{
    private const long TokensPerRate = 1_000_000;

    /// <summary>What we charge. Rounds down: a lost fraction is ours, never the customer's.</summary>
    public Money Charge(long tokens) => ChargeShare(tokens, 1, 1);

    /// <summary>What we charge for <paramref name="delivered"/> of the <paramref name="returned"/> images that the tokens made. Rounded down once.</summary>
    public Money ChargeShare(long tokens, int delivered, int returned) => new(checked((long)(Scaled(tokens) * delivered / ((Int128)TokensPerRate * returned))));

    /// <summary>What we hold before the call, and what a call costs us. Rounds up, so a hold always covers its charge.</summary>
    public Money Quote(long tokens) => new(checked((long)((Scaled(tokens) + TokensPerRate - 1) / TokensPerRate)));

    public TokenRate With(Markup markup) => new(markup.On(PerMillion));

    private Int128 Scaled(long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        return (Int128)PerMillion.Micros * tokens;
    }
}
