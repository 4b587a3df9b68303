using System.Globalization;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>
/// The conclusion of a stretch of hours: all that the ledger charged in them is on invoices, and what was missing there, or too much, is one item more. Windows follow
/// each other without a gap, so that over all of them what is invoiced is what was charged. Pure.
/// </summary>
/// <param name="Cause">The invoice or the subscription that ended it.</param>
/// <param name="From">The first hour.</param>
/// <param name="Until">The first hour after it.</param>
/// <param name="Reported">What the invoices say was reported for it.</param>
public sealed record PeriodClose(string Cause, LedgerHour From, LedgerHour Until, Money Reported)
{
    /// <summary>What the ledger charged.</summary>
    public Money Charged { get; init; }

    /// <summary>What went on invoices by itself, each hour as an item of its own.</summary>
    public Money Items { get; init; }

    /// <summary>The difference is with the collector.</summary>
    public bool IsDone { get; init; }

    /// <summary>What is missing on the invoices; below zero what is too much.</summary>
    public Money Difference => Charged - Items - Reported;

    /// <summary>The next window that can be concluded: one whose invoices cannot change any more.</summary>
    /// <param name="from">The first hour that is not concluded.</param>
    /// <returns>Null if none can.</returns>
    public static PeriodClose? Next(LedgerHour from, IReadOnlyList<Subscription> subscriptions, IReadOnlyList<UsageInvoice> invoices)
    {
        var ends = invoices.Where(each => each is { EndsPeriod: true, Status: not InvoiceStatus.Draft }).Select(each => (Cause: each.Id, Until: EndOf(each.UsageUntil)))
            .Concat(subscriptions.Where(each => each.EndedAt is not null).Select(each => (Cause: each.Id, Until: EndOf(each.EndedAt!.Value))))
            .Where(each => each.Until > from)
            .OrderBy(each => each.Until.Number)
            .ThenBy(each => each.Cause, StringComparer.Ordinal);
        if (ends.FirstOrDefault() is not { Cause: not null } end) return null;

        var within = invoices.Where(each => EndOf(each.UsageUntil) is var at && at > from && at <= end.Until).ToArray();
        if (within.Any(each => each.Status == InvoiceStatus.Draft)) return null;
        return new(end.Cause, from, end.Until, within.Aggregate(Money.Zero, (sum, each) => sum + each.Reported));
    }

    public string IdentifierOf(string accountId) => $"{accountId}:{Cause}:difference";

    public UsageRecord ToRecord(string accountId) => new(accountId, new(Until.Number - 1), Difference, IdentifierOf(accountId), IdentifierOf(accountId))
    {
        Description = string.Create(CultureInfo.InvariantCulture, $"Images until {Until.Start:yyyy-MM-dd HH:mm} UTC that are not on an earlier invoice"),
    };

    public Columns ToColumns() => new()
    {
        { nameof(Cause), Cause },
        { nameof(From), From.Number },
        { nameof(Until), Until.Number },
        { nameof(Reported), Reported.Micros },
        { nameof(Charged), Charged.Micros },
        { nameof(Items), Items.Micros },
        { nameof(IsDone), IsDone ? 1 : 0 },
    };

    public static PeriodClose FromRow(Row row) => new(row.Columns.Text(nameof(Cause)), new(row.Columns.Integer(nameof(From))), new(row.Columns.Integer(nameof(Until))), new(row.Columns.Integer(nameof(Reported))))
    {
        Charged = new(row.Columns.Integer(nameof(Charged))),
        Items = new(row.Columns.Integer(nameof(Items))),
        IsDone = row.Columns.Integer(nameof(IsDone)) != 0,
    };

    /// <summary>The hour in which something ends belongs to what it ends.</summary>
    public static LedgerHour EndOf(DateTimeOffset time) => LedgerHour.Of(time.AddHours(1).AddSeconds(-1));
}
