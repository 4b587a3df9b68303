using ServerlessImages.Billing;
using ServerlessImages.Ledger;
using ServerlessImages.Storage;

namespace ServerlessImages.Books;

/// <summary>
/// Holds what was invoiced against the ledger's hours: each paid invoice against its entry, each concluded period against its invoices, and each item that went on an
/// invoice by itself against the hour or period that it is of.
/// </summary>
public sealed class CompareInvoices(ITableStore store, ISubscriptionCollector collector, ICollectorBooks books, PostpaidAccounts accounts, ClosePeriods closes, TimeProvider clock)
{
    /// <summary>What the collector's list of invoices reaches back (<see cref="ISubscriptionCollector.InvoicesAsync"/>), less the longest period.</summary>
    public static readonly TimeSpan LookedBack = TimeSpan.FromDays(65);

    /// <summary>An hour goes on an invoice by itself when it is a month old, or later.</summary>
    private static readonly TimeSpan HoursLookedBack = TimeSpan.FromDays(150);

    /// <summary>One invoice, by its id.</summary>
    public async Task<Mismatch?> InvoiceAsync(string account, string id, CancellationToken cancel) => await PaymentAsync(account, id, (await collector.FindInvoiceDocumentAsync(id, cancel))?.Usage, cancel);

    /// <summary>All of an account that are in sight.</summary>
    public async Task<IReadOnlyList<Mismatch>> RunAsync(LedgerPartition partition, IReadOnlyList<string> customers, CancellationToken cancel)
    {
        // Ours first: what is concluded was invoiced before that, and an invoice of it cannot change any more.
        var since = clock.GetUtcNow() - LookedBack;
        var openFrom = (await accounts.FindAsync(partition.Account, cancel))?.Account.OpenFrom ?? default;
        var concluded = await closes.ClosedAfterAsync(partition.Account, LedgerHour.Of(since), cancel);
        var hours = await PostpaidHours.ReadAsync(store, partition, concluded.Select(each => each.From).Append(LedgerHour.Of(clock.GetUtcNow() - HoursLookedBack)).Min(), LedgerHour.Of(clock.GetUtcNow()), cancel);
        var (invoices, items) = (new List<UsageInvoice>(), new List<InvoicedItem>());
        foreach (var customer in customers)
        {
            invoices.AddRange(await collector.InvoicesAsync(customer, cancel));
            items.AddRange(await books.ItemsAsync(customer, since, cancel));
        }

        var mismatches = new List<Mismatch?>();
        foreach (var invoice in invoices) mismatches.Add(await PaymentAsync(partition.Account, invoice.Id, invoice, cancel));
        mismatches.AddRange(invoices.Where(each => each is { EndsPeriod: true, Status: not InvoiceStatus.Draft }).Select(each => NotConcluded(partition.Account, each, openFrom)));
        mismatches.AddRange(concluded.Select(close => Period(partition.Account, close, hours, invoices)));
        mismatches.AddRange(Items(partition.Account, hours, concluded, items, since));
        return [.. mismatches.OfType<Mismatch>()];
    }

    /// <summary>What was paid, to the micro-dollar.</summary>
    private async Task<Mismatch?> PaymentAsync(string account, string id, UsageInvoice? invoice, CancellationToken cancel)
    {
        var row = await store.FindAsync(TableNames.Ledger, new LedgerPartition(account, Livemode: true).Key, LedgerRows.Payment(id), cancel);
        var entry = row is null ? null : LedgerEntry.From(row);
        var paid = invoice is { Status: InvoiceStatus.Paid } && invoice.Exact != Money.Zero ? invoice.Exact : (Money?)null;
        if (entry?.Amount == paid) return null;
        var code = entry is null ? "invoice_not_noted" : paid is null ? "invoice_not_paid" : "invoice_amount";
        return new(ComparedKind.Invoice, id, DayOf(entry?.Hour.Start ?? invoice!.Created), new(code, LedgerRows.Payment(id), entry?.Amount.ToString() ?? "", paid?.ToString() ?? "", id), MayPend: entry is null || paid is null);
    }

    /// <summary>An invoice that ends a period is final, and nobody has held it against the hours.</summary>
    private static Mismatch? NotConcluded(string account, UsageInvoice invoice, LedgerHour openFrom)
    {
        var end = PeriodClose.EndOf(invoice.UsageUntil);
        return end <= openFrom ? null : new(ComparedKind.Period, invoice.Id, DayOf(invoice.Created), new("period_not_concluded", $"postpaid {account}", openFrom.ToString(), end.ToString(), invoice.Id));
    }

    /// <summary>What the hours come to without what went on invoices by itself, and what the invoices say of them with the difference that was made up for.</summary>
    private static Mismatch? Period(string account, PeriodClose close, PostpaidHours hours, List<UsageInvoice> invoices)
    {
        var charged = Sum(hours.Charged.Where(each => IsIn(each.Key)).Select(each => each.Value));
        var items = Sum(hours.Delivered.Values.Where(each => each.IsItem && IsIn(each.Hour)).Select(each => each.Value).Concat(hours.Waiting.Values.Where(each => IsIn(each.Hour)).Select(each => each.Value)));
        var reported = Sum(invoices.Where(each => PeriodClose.EndOf(each.UsageUntil) is var end && end > close.From && end <= close.Until).Select(each => each.Reported));
        var (expected, found) = (charged - items, reported + close.Difference);
        return expected == found ? null : new(ComparedKind.Period, close.Until.ToString(), DayOf(close.Until.Start.AddHours(-1)), new("period_invoiced", $"closes {account}|{close.Until}", expected.ToString(), found.ToString(), close.Cause), MayPend: false);

        bool IsIn(LedgerHour hour) => hour >= close.From && hour < close.Until;
    }

    /// <summary>Each identifier once, with its amount.</summary>
    private static IEnumerable<Mismatch> Items(string account, PostpaidHours hours, IReadOnlyList<PeriodClose> concluded, List<InvoicedItem> items, DateTimeOffset since)
    {
        var ours = hours.Delivered.Values.Where(each => each.IsItem).Select(each => new OurItem(each.Identifier, LedgerRows.Delivered(each.Hour), each.Value, each.At, IsThere: true))
            .Concat(hours.Waiting.Values.Where(each => each.IsInvoiceItem).Select(each => new OurItem(each.ToRecord(account).Identifier, LedgerRows.Outbox(each.Hour), each.Value, each.Hour.Start, IsThere: false)))
            .Concat(concluded.Where(each => each.Difference != Money.Zero).Select(each => new OurItem(each.IdentifierOf(account), $"closes {account}|{each.Until}", each.Difference, each.Until.Start, each.IsDone)))
            .ToDictionary(each => each.Identifier);
        var theirs = items.GroupBy(each => each.Identifier).ToDictionary(each => each.Key);
        foreach (var identifier in ours.Keys.Union(theirs.Keys))
        {
            var (mine, found) = (ours.GetValueOrDefault(identifier), theirs.GetValueOrDefault(identifier)?.ToArray() ?? []);

            // What was made before that may be out of sight at the collector; what is not made yet is an hour that waits.
            if (found.Length == 0 && (mine!.At < since.AddDays(1) || !mine.IsThere)) continue;
            var (expected, sum) = (mine?.Amount ?? Money.Zero, Sum(found.Select(each => each.Amount)));
            if (expected == sum && found.Length <= 1) continue;
            var code = found.Length == 0 ? "item_missing" : mine is null ? "item_unknown" : "item_amount";
            yield return new(ComparedKind.Item, identifier, DayOf(mine?.At ?? found[0].Created), new(code, mine?.Row ?? "", mine is null ? "" : expected.ToString(), found.Length == 0 ? "" : sum.ToString(), found.Length == 0 ? identifier : string.Join(' ', found.Select(each => each.Id))), MayPend: mine is null || found.Length == 0);
        }
    }

    private static Money Sum(IEnumerable<Money> amounts) => amounts.Aggregate(Money.Zero, (sum, each) => sum + each);

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    private sealed record OurItem(string Identifier, string Row, Money Amount, DateTimeOffset At, bool IsThere);
}
