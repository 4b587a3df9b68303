using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

/// <summary>
/// Brings an account that pays later to where the collector says that it is: its subscription, its limit, what it owes, what it paid, and which periods are over. It
/// reads everything anew, so whatever was announced, in whatever order, late, twice or never, one run makes it right.
/// </summary>
public sealed class SyncPostpaid(
    Customers customers,
    PostpaidAccounts accounts,
    PostpaidLimits limits,
    InvoiceRecords records,
    ClosePeriods closes,
    SendMeterEvents send,
    AccountLedger ledger,
    ISubscriptionCollector collector,
    BillingOptions options,
    TimeProvider clock)
{
    /// <summary>The collector takes no smaller threshold that makes sense: each invoice costs a fee.</summary>
    private const long ThresholdCentsMin = 500;

    /// <exception cref="CollectorUnavailableException">Not all is done; run again.</exception>
    public async Task RunAsync(string accountId, CancellationToken cancel)
    {
        // Whoever was never trusted has none of this: credit that is bought has invoices too, and each is announced.
        if (await accounts.FindAsync(accountId, cancel) is null || await customers.FindAsync(accountId, cancel) is not { } customer) return;

        var (account, subscriptions, invoices) = await ReadAsync(accountId, customer, cancel);
        await limits.ApplyAsync(accountId, cancel);
        foreach (var second in subscriptions.Where(each => each.IsLive && each.Id != account.Subscription)) await collector.CancelAsync(second.Id, invoice: false, cancel);
        await SetThresholdAsync(accountId, account, cancel);
        await PayAsync(accountId, invoices, cancel);
        if (invoices.Any(each => each.Status == InvoiceStatus.Draft)) await send.RunAsync(new LedgerPartition(accountId, Livemode: true), cancel);
        await CloseAsync(accountId, account, subscriptions, invoices, cancel);
    }

    /// <summary>The same for whoever the customer is; one that is none of ours is left.</summary>
    public async Task RunForCustomerAsync(string customerId, CancellationToken cancel)
    {
        if (await collector.FindAccountAsync(customerId, cancel) is { } accountId && await customers.FindAsync(accountId, cancel) == customerId) await RunAsync(accountId, cancel);
    }

    /// <summary>Read from the collector between reading the row and writing it: one who read before us cannot write after us.</summary>
    private async Task<(PostpaidAccount Account, IReadOnlyList<Subscription> Subscriptions, IReadOnlyList<UsageInvoice> Invoices)> ReadAsync(string accountId, string customer, CancellationToken cancel)
    {
        while (true)
        {
            var found = await accounts.FindAsync(accountId, cancel);
            var subscriptions = await collector.SubscriptionsAsync(customer, cancel);
            var invoices = await collector.InvoicesAsync(customer, cancel);
            var before = found?.Account ?? new PostpaidAccount();
            var after = before.At(customer, subscriptions, invoices);
            if (after == before || await accounts.TryWriteAsync(accountId, after, found?.ETag, cancel)) return (after, subscriptions, invoices);
        }
    }

    /// <summary>A second net below our own limit, and why an account that pays well need not wait for the end of the month to go on.</summary>
    private async Task SetThresholdAsync(string accountId, PostpaidAccount account, CancellationToken cancel)
    {
        var cents = Math.Max(ThresholdCentsMin, account.Approved.Micros / (Money.MicrosPerDollar / 100) * options.InvoiceThresholdPercent / 100);
        if (!account.IsLive || account.IsEnding || account.Threshold == Payment.OfCents(cents)) return;
        await collector.SetThresholdAsync(account.Subscription, cents, cancel);
        await accounts.ChangeAsync(accountId, now => now.Subscription == account.Subscription ? now with { Threshold = Payment.OfCents(cents) } : now, cancel);
    }

    private async Task PayAsync(string accountId, IReadOnlyList<UsageInvoice> invoices, CancellationToken cancel)
    {
        foreach (var invoice in invoices)
        {
            if (invoice.Status == InvoiceStatus.Paid && invoice.Exact != Money.Zero) await ledger.PayAsync(new LedgerPartition(accountId, Livemode: true), invoice.Id, invoice.Exact);
            await records.NoteAsync(accountId, invoice, cancel);
        }
    }

    private async Task CloseAsync(string accountId, PostpaidAccount account, IReadOnlyList<Subscription> subscriptions, IReadOnlyList<UsageInvoice> invoices, CancellationToken cancel)
    {
        var from = account.OpenFrom;
        while (PeriodClose.Next(from, subscriptions, invoices) is { } close)
        {
            await closes.RunAsync(accountId, close, cancel);
            from = close.Until;
        }

        // What was held when the subscription ended is charged after it: there is no invoice of that any more, so it gets one of its own.
        if (account.IsLive || account.Subscription.Length == 0) return;
        var now = LedgerHour.Of(clock.GetUtcNow());
        var isFinal = !invoices.Any(each => each.Status == InvoiceStatus.Draft && each.SubscriptionId == account.Subscription);
        if (isFinal && now > from && await closes.HasWaitingAsync(accountId, from, now, cancel)) await closes.RunAsync(accountId, new PeriodClose($"{account.Subscription}:{now}", from, now, Money.Zero), cancel);
        await collector.InvoicePendingAsync(account.Customer, cancel);
    }
}
