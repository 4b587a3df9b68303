using System.Text.Json;

namespace ServerlessImages.Ledger;

/// <summary>What is left of one grant that expires.</summary>
/// <param name="Left">Neither spent nor held.</param>
/// <param name="Held">Set aside by open holds, which took it in time. What they don't spend comes back.</param>
/// <param name="IsOver">Its time has come, by the clock that was ahead: nothing is held of it any more.</param>
public sealed record ExpiringGrant(string GrantId, DateTimeOffset ExpiresAt, Money Left, Money Held, bool IsOver = false);

/// <summary>A part of an expiring grant: that a hold set aside, or that an entry took.</summary>
public sealed record GrantShare(string GrantId, Money Amount)
{
    /// <summary>A JSON object of micro-dollars by grant; "" where there are none.</summary>
    public static string ToText(IEnumerable<GrantShare> shares)
    {
        var byGrant = shares.GroupBy(share => share.GrantId).ToDictionary(grant => grant.Key, grant => grant.Sum(share => share.Amount.Micros), StringComparer.Ordinal);
        return byGrant.Count == 0 ? "" : JsonSerializer.Serialize(byGrant);
    }

    public static IReadOnlyList<GrantShare> Parse(string text) =>
        text.Length == 0 ? [] : [.. JsonSerializer.Deserialize<Dictionary<string, long>>(text)!.Select(share => new GrantShare(share.Key, new(share.Value)))];
}

/// <summary>
/// The part of the prepaid credit that expires: what is left of each such grant, the earliest first. Pure. A hold takes what expires first, and its charge takes
/// what the hold took. What nobody holds of a grant whose time has come is due: it expires by one entry.
/// </summary>
public sealed record ExpiringCredit(IReadOnlyList<ExpiringGrant> Grants)
{
    /// <summary>It is in the balance row, which every transaction writes.</summary>
    public const int GrantsMax = 16;

    public static ExpiringCredit None { get; } = new([]);

    /// <summary>What may no longer be held.</summary>
    public Money Over => Sum(Grants.Where(grant => grant.IsOver));

    /// <summary>What can expire now. While a hold has a part of a grant, all of it waits: so a grant expires once.</summary>
    public IEnumerable<ExpiringGrant> Due => Grants.Where(grant => grant is { IsOver: true, Held.Micros: 0 });

    /// <summary>What expires later, the earliest first.</summary>
    public IEnumerable<ExpiringGrant> Coming => Grants.Where(grant => !grant.IsOver && grant.Left > Money.Zero);

    /// <summary>When the sweeper has to look again; null for never.</summary>
    public DateTimeOffset? Next => Grants.Count == 0 ? null : Grants[0].ExpiresAt;

    public ExpiringCredit At(DateTimeOffset now) =>
        Grants.Any(grant => !grant.IsOver && grant.ExpiresAt <= now) ? new([.. Grants.Select(grant => grant.ExpiresAt <= now ? grant with { IsOver = true } : grant)]) : this;

    public ExpiringCredit Add(ExpiringGrant grant) => new([.. Grants.Append(grant).OrderBy(each => each.ExpiresAt)]);

    public ExpiringCredit Remove(string grantId) => new([.. Grants.Where(grant => grant.GrantId != grantId)]);

    /// <summary>Sets an amount aside, or as much of it as there is.</summary>
    public (ExpiringCredit After, IReadOnlyList<GrantShare> Taken) Hold(Money amount)
    {
        var taken = Shares(Grants.Where(grant => !grant.IsOver), amount);
        return (Changed(taken, (grant, share) => grant with { Left = grant.Left - share, Held = grant.Held + share }), taken);
    }

    /// <summary>Takes a charge of what a hold had set aside, in the same order; the rest comes back.</summary>
    public (ExpiringCredit After, IReadOnlyList<GrantShare> Spent) Close(IReadOnlyList<GrantShare> held, Money charge)
    {
        var (spent, left) = (new List<GrantShare>(), charge);
        foreach (var share in held)
        {
            var part = Money.Min(share.Amount, left);
            left -= part;
            if (part > Money.Zero) spent.Add(share with { Amount = part });
        }

        var back = Changed(held, (grant, share) => grant with { Left = grant.Left + share, Held = grant.Held - share });
        return (back.Less(spent), spent);
    }

    /// <summary>Takes away what is more than an amount.</summary>
    public (ExpiringCredit After, IReadOnlyList<GrantShare> Taken) LimitTo(Money amount)
    {
        var taken = Shares(Grants, Sum(Grants) - amount);
        return (Less(taken), taken);
    }

    public ExpiringCredit Less(IReadOnlyList<GrantShare> taken) => Changed(taken, (grant, share) => grant with { Left = grant.Left - share });

    public bool Equals(ExpiringCredit? other) => other is not null && Grants.SequenceEqual(other.Grants);

    public override int GetHashCode() => Grants.Count;

    public string ToText() => Grants.Count == 0 ? "" : JsonSerializer.Serialize(Grants.Select(grant => new Stored(grant.GrantId, grant.ExpiresAt.ToUnixTimeMilliseconds(), grant.Left.Micros, grant.Held.Micros, grant.IsOver)));

    public static ExpiringCredit Parse(string text) => text.Length == 0
        ? None
        : new([.. JsonSerializer.Deserialize<Stored[]>(text)!.Select(grant => new ExpiringGrant(grant.GrantId, DateTimeOffset.FromUnixTimeMilliseconds(grant.ExpiresAt), new(grant.Left), new(grant.Held), grant.IsOver))]);

    private static Money Sum(IEnumerable<ExpiringGrant> grants) => grants.Aggregate(Money.Zero, (sum, grant) => sum + grant.Left);

    private static List<GrantShare> Shares(IEnumerable<ExpiringGrant> grants, Money amount)
    {
        var shares = new List<GrantShare>();
        foreach (var grant in grants)
        {
            var part = Money.Min(grant.Left, amount);
            if (part <= Money.Zero) continue;
            amount -= part;
            shares.Add(new GrantShare(grant.GrantId, part));
        }

        return shares;
    }

    /// <summary>A grant that is spent is forgotten.</summary>
    private ExpiringCredit Changed(IReadOnlyList<GrantShare> shares, Func<ExpiringGrant, Money, ExpiringGrant> change)
    {
        if (shares.Count == 0) return this;
        var byGrant = shares.ToDictionary(share => share.GrantId, share => share.Amount, StringComparer.Ordinal);
        var changed = Grants.Select(grant => byGrant.TryGetValue(grant.GrantId, out var share) ? change(grant, share) : grant);
        return new([.. changed.Where(grant => grant.Left > Money.Zero || grant.Held > Money.Zero)]);
    }

    /// <summary>As in the column <c>Expiring</c> of the balance.</summary>
    private sealed record Stored(string GrantId, long ExpiresAt, long Left, long Held, bool IsOver);
}
