using ServerlessImages.Billing;
using ServerlessImages.Ledger;

namespace ServerlessImages.Books;

/// <summary>
/// Once a night: looks up in the ledger what the collector has, holds hours and invoices of the accounts that pay later against each other, and looks again at what did
/// not fit. What the ledger says of the collector is looked up while its books are closed (<see cref="CompareEntries"/>). Play money is in none of it. Several runs at
/// once do no harm; what could not be done, the next run does.
/// </summary>
public sealed class CompareCollector(CollectorDifferences differences, ComparePayments payments, CompareHours hours, CompareInvoices invoices, PostpaidAccounts accounts, Customers customers, ICollectorBooks books, TimeProvider clock)
{
    private const int PageSize = 500;

    /// <summary>A collector that does not answer is not asked about every account.</summary>
    private const int OutagesMax = 3;

    /// <summary>Longer than from a payment's beginning to its money.</summary>
    private static readonly TimeSpan PaymentsLookedBack = TimeSpan.FromDays(30);

    /// <summary>Longer than a bank takes to decide a dispute.</summary>
    private static readonly TimeSpan ReturnsLookedBack = TimeSpan.FromDays(120);

    /// <param name="named">Told about each difference, once.</param>
    /// <param name="failed">Told what could not be compared; all else is.</param>
    public async Task RunAsync(Action<CollectorDifference> named, Action<string, Exception> failed, CancellationToken cancel)
    {
        var night = CloseBooks.LastClosedDay(clock.GetUtcNow());
        var run = new Run(named, failed, night);
        await TryAsync("what the collector was paid", () => LookUpAsync(run, cancel), run, cancel);
        for (var after = ""; ;)
        {
            var page = await accounts.AccountsAsync(after, PageSize, cancel);
            foreach (var account in page) await TryAsync(account, () => PostpaidAsync(account, run, cancel), run, cancel);
            if (page.Count < PageSize) break;
            after = page[^1];
        }

        await foreach (var open in differences.AllAsync(account: null, cancel)) await TryAsync(open.Account, () => LookAgainAsync(open, run, cancel), run, cancel);
    }

    /// <summary>A comparison that is never made finds nothing: tells how long the last whole one is ago.</summary>
    /// <param name="isWhole">Whether all of the last closed day was compared, the entries too.</param>
    public async Task ConcludeAsync(bool isWhole, CancellationToken cancel)
    {
        var night = CloseBooks.LastClosedDay(clock.GetUtcNow());
        var last = await differences.ReachedAsync(CollectorDifferences.NightRow, cancel);

        // The day before the first night that is not whole: from then on it waits.
        if (isWhole || last is null) await differences.ReachAsync(CollectorDifferences.NightRow, night.DayNumber - (isWhole ? 0 : 1), cancel);
        Telemetry.BooksUncompared.Record(isWhole ? 0 : TimeSpan.FromDays(night.DayNumber - (last ?? night.DayNumber - 1)).TotalSeconds);
    }

    /// <summary>What the collector has of ours, in the ledger.</summary>
    private async Task LookUpAsync(Run run, CancellationToken cancel)
    {
        var last = await differences.ReachedAsync(CollectorDifferences.PaymentsRow, cancel);
        if (last >= run.Night.DayNumber) return;

        // The nights in which it could not be read are read too.
        var start = new DateTimeOffset(DateOnly.FromDayNumber((int)(last ?? run.Night.DayNumber)).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var isWhole = true;
        await foreach (var payment in books.PaymentsSinceAsync(start - PaymentsLookedBack, cancel))
        {
            var account = ComparePayments.AccountOf(payment.AccountId);
            isWhole &= await TryAsync(payment.Id, async () => await NoteAsync(run, account, await payments.PaymentAsync(account, payment.Id, payment, cancel), cancel), run, cancel);
        }

        await foreach (var returned in books.ReturnsSinceAsync(start - ReturnsLookedBack, cancel))
        {
            var account = ComparePayments.AccountOf(returned.AccountId);
            isWhole &= await TryAsync(returned.Id, async () => await NoteAsync(run, account, await payments.ReturnAsync(account, returned.Id, returned, cancel), cancel), run, cancel);
        }

        if (isWhole) await differences.ReachAsync(CollectorDifferences.PaymentsRow, run.Night.DayNumber, cancel);
    }

    private async Task PostpaidAsync(string account, Run run, CancellationToken cancel)
    {
        var cursor = CollectorDifferences.UsageRow(account);
        var last = await differences.ReachedAsync(cursor, cancel);
        if (last >= run.Night.DayNumber) return;

        var partition = new LedgerPartition(account, Livemode: true);
        var whom = await customers.AllOfAsync(account, cancel);
        var open = new List<CollectorDifference>();
        await foreach (var each in differences.AllAsync(account, cancel)) open.Add(each);
        open.RemoveAll(each => each.SettledOn is not null || !IsOfPostpaid(each, run.Night));

        var since = last is { } night ? DateOnly.FromDayNumber((int)night) : (DateOnly?)null;
        var openHours = open.Where(each => each.Mismatch.Kind == ComparedKind.Hour).Select(each => LedgerRows.HourOf(LedgerRows.OutboxStart + each.Mismatch.Id));
        IReadOnlyList<Mismatch> found = [.. await hours.RunAsync(partition, whom, since, run.Night, openHours, cancel), .. await invoices.RunAsync(partition, whom, cancel)];
        foreach (var each in found) await NoteAsync(run, account, each, cancel);
        foreach (var fits in open.Where(each => !found.Any(other => other.Kind == each.Mismatch.Kind && other.Id == each.Mismatch.Id))) await differences.NoteAsync(account, fits.Mismatch.Kind, fits.Mismatch.Id, found: null, run.Night, cancel);
        await differences.ReachAsync(cursor, run.Night.DayNumber, cancel);
    }

    /// <summary>What is found each night as long as it does not fit: hours, and what is in sight of the rest.</summary>
    private static bool IsOfPostpaid(CollectorDifference each, DateOnly night) =>
        each.Mismatch.Kind == ComparedKind.Hour || (each.Mismatch.Kind is ComparedKind.Period or ComparedKind.Item && night.DayNumber - each.Mismatch.Day.DayNumber < CompareInvoices.LookedBack.TotalDays - 1);

    private async Task LookAgainAsync(CollectorDifference open, Run run, CancellationToken cancel)
    {
        if (open.SettledOn is not null || open.CheckedOn >= run.Night || open.Mismatch.Kind is not (ComparedKind.Payment or ComparedKind.Return or ComparedKind.Invoice)) return;
        var id = open.Mismatch.Id;
        var found = open.Mismatch.Kind switch
        {
            ComparedKind.Payment => await payments.PaymentAsync(open.Account, id, cancel),
            ComparedKind.Return => await payments.ReturnAsync(open.Account, id, open.Mismatch.PaymentId, cancel),
            _ => await invoices.InvoiceAsync(open.Account, id, cancel),
        };
        if (await differences.NoteAsync(open.Account, open.Mismatch.Kind, id, found, run.Night, cancel) is { } difference) run.Named(difference);
    }

    private async Task NoteAsync(Run run, string account, Mismatch? found, CancellationToken cancel)
    {
        if (found is not null && await differences.NoteAsync(account, found.Kind, found.Id, found, run.Night, cancel) is { } difference) run.Named(difference);
    }

    private static async Task<bool> TryAsync(string what, Func<Task> work, Run run, CancellationToken cancel)
    {
        if (run.Outages >= OutagesMax) return false;
        try
        {
            await work();
            run.Outages = 0;
            return true;
        }
#pragma warning disable CA1031 // One account that cannot be compared must not keep the others from it.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (cause is CollectorUnavailableException) run.Outages++;
            run.Failed(what, cause);
            return false;
        }
    }

    private sealed record Run(Action<CollectorDifference> Named, Action<string, Exception> Failed, DateOnly Night)
    {
        /// <summary>In a row.</summary>
        public int Outages { get; set; }
    }
}
