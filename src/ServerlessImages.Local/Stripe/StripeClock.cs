namespace ServerlessImages.Local.Stripe;

/// <summary>The emulator's time. What falls due while nobody asks is done later, but at the moment at which it fell due.</summary>
internal sealed class StripeClock(TimeProvider time)
{
    private long? moment;

    /// <summary>In Unix seconds, as all of Stripe's times.</summary>
    public long Now => moment ?? Real;

    public long Real => time.GetUtcNow().ToUnixTimeSeconds();

    public void At(long due, Action act)
    {
        moment = due;
        try
        {
            act();
        }
        finally
        {
            moment = null;
        }
    }
}

/// <summary>Something that happens by itself at a time, in Unix seconds.</summary>
internal sealed record StripeDue(long At, Action Act);

/// <summary>Does what is due, in the order of time; of one second, in the order of the sources.</summary>
/// <param name="sources">Each says what is to come as things are now: nothing is planned twice, and a restart forgets nothing.</param>
internal sealed class StripeSchedule(StripeClock clock, params IReadOnlyList<Func<IEnumerable<StripeDue>>> sources)
{
    public StripeDue? Next() => sources.SelectMany(source => source()).MinBy(due => due.At);

    /// <returns>Whether there was anything.</returns>
    public bool CatchUp()
    {
        var any = false;
        while (Next() is { } due && due.At <= clock.Real)
        {
            clock.At(due.At, due.Act);
            any = true;
        }

        return any;
    }
}
