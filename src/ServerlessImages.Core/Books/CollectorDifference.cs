using System.Globalization;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>What is held against each other: of each, one row of ours and one of the collector's, found by its id.</summary>
public enum ComparedKind
{
    /// <summary>A grant and its payment.</summary>
    Payment,

    /// <summary>A refund or dispute, and its entry.</summary>
    Return,

    /// <summary>An hour of the outbox, and what the collector counts for it.</summary>
    Hour,

    /// <summary>An invoice, and the entry of its payment.</summary>
    Invoice,

    /// <summary>The hours of a concluded period, and its invoices.</summary>
    Period,

    /// <summary>What goes on an invoice by itself.</summary>
    Item,
}

/// <summary>A pair that does not fit.</summary>
/// <param name="Id">By which the two rows belong together.</param>
/// <param name="Day">In whose books it is shown: the day of our row, or of the collector's where we have none.</param>
/// <param name="MayPend">The missing side may still come. Two sides that both stand and differ never will fit.</param>
public sealed record Mismatch(ComparedKind Kind, string Id, DateOnly Day, Difference Difference, bool MayPend = true)
{
    /// <summary>Of which payment a return is: the collector finds it by that; else "".</summary>
    public string PaymentId { get; init; } = "";
}

/// <summary>
/// A pair that did not fit one night. The collector shows some rows later than we do, and we hear of others later than it: for two nights, which is 48 hours, it is
/// pending; then it is a difference, and named once. Pure.
/// </summary>
/// <param name="FoundOn">The day whose closing found it.</param>
/// <param name="CheckedOn">The day whose closing looked at it last.</param>
public sealed record CollectorDifference(string Account, Mismatch Mismatch, DateOnly FoundOn, DateOnly CheckedOn)
{
    private const int PendingNights = 2;

    /// <summary>Null while it is pending.</summary>
    public DateOnly? NamedOn { get; init; }

    /// <summary>When a difference that had been named was found to fit; null while it does not.</summary>
    public DateOnly? SettledOn { get; init; }

    public bool IsPending => NamedOn is null;

    /// <summary>What a night makes of it.</summary>
    /// <param name="before">Null if nothing was wrong with the pair.</param>
    /// <param name="found">Null if it fits.</param>
    /// <returns>Null if there is nothing to be kept.</returns>
    public static CollectorDifference? After(CollectorDifference? before, string account, Mismatch? found, DateOnly night)
    {
        if (found is null) return before is null or { IsPending: true } ? null : before with { SettledOn = before.SettledOn ?? night, CheckedOn = night };

        // What had fitted in between is a new one.
        var after = before is { SettledOn: null } ? before with { Mismatch = found with { Day = before.Mismatch.Day }, CheckedOn = night } : new CollectorDifference(account, found, night, night);
        var isDue = !found.MayPend || night.DayNumber - after.FoundOn.DayNumber >= PendingNights;
        return isDue ? after with { NamedOn = after.NamedOn ?? night } : after;
    }

    public Columns ToColumns() => new()
    {
        { nameof(Mismatch.Day), Text(Mismatch.Day) },
        { nameof(Mismatch.PaymentId), Mismatch.PaymentId },
        { nameof(FoundOn), Text(FoundOn) },
        { nameof(CheckedOn), Text(CheckedOn) },
        { nameof(NamedOn), Text(NamedOn) },
        { nameof(SettledOn), Text(SettledOn) },
        { nameof(Difference.Code), Mismatch.Difference.Code },
        { nameof(Difference.Row), Mismatch.Difference.Row },
        { nameof(Difference.Expected), Mismatch.Difference.Expected },
        { nameof(Difference.Found), Mismatch.Difference.Found },
        { nameof(Difference.CollectorRow), Mismatch.Difference.CollectorRow },
    };

    /// <param name="parts">Of the row's key: account, kind and id.</param>
    public static CollectorDifference From(IReadOnlyList<string> parts, Columns columns)
    {
        var difference = new Difference(columns.Text(nameof(Difference.Code)), columns.Text(nameof(Difference.Row)), columns.Text(nameof(Difference.Expected)), columns.Text(nameof(Difference.Found)), columns.Text(nameof(Difference.CollectorRow)));
        return new(parts[0], new(Enum.Parse<ComparedKind>(parts[1]), parts[2], Date(columns, nameof(Mismatch.Day))!.Value, difference) { PaymentId = columns.Text(nameof(Mismatch.PaymentId)) }, Date(columns, nameof(FoundOn))!.Value, Date(columns, nameof(CheckedOn))!.Value)
        {
            NamedOn = Date(columns, nameof(NamedOn)),
            SettledOn = Date(columns, nameof(SettledOn)),
        };
    }

    private static string Text(DateOnly? day) => day is { } known ? BooksDay.Key(known) : "";

    private static DateOnly? Date(Columns columns, string name) => columns.Text(name) is { Length: > 0 } text ? DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
}
