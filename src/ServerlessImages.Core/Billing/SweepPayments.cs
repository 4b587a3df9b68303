namespace ServerlessImages.Billing;

/// <summary>What no announcement did: tries again what waits, goes on with automatic top-ups, and once a day looks through all that the collector knows, and brings every account that pays later up to it. Several runs at once do no harm.</summary>
public sealed class SweepPayments(BillingInbox inbox, HandleEvents handle, CreditCheckout credit, AutoTopUps topUps, TopUpAutomatically topUp, PostpaidAccounts postpaid, SyncPostpaid sync, IPaymentCollector collector, TimeProvider clock)
{
    private const int PageSize = 500;

    /// <summary>As long as the collector keeps its events.</summary>
    private static readonly TimeSpan FarthestBack = TimeSpan.FromDays(29);

    /// <summary>A checkout is open for a day at most, and clocks differ.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromHours(25);

    /// <param name="failed">Told what could not be done and why; all else is.</param>
    public async Task RunAsync(Action<string, Exception> failed, CancellationToken cancel)
    {
        // Each by itself: what keeps one of them from being done for days must not keep the others.
        await TryAsync("what was announced", () => RetryAsync(failed, cancel), failed, cancel);
        await TryAsync("the automatic top-ups", () => TopUpAsync(failed, cancel), failed, cancel);
        await TryAsync("what was not announced", () => LookThroughAsync(failed, cancel), failed, cancel);
    }

    private async Task RetryAsync(Action<string, Exception> failed, CancellationToken cancel)
    {
        var oldest = await handle.RetryAsync((announced, cause) => failed(announced.Id, cause), cancel);
        Telemetry.BillingEventsWaiting.Record(oldest.TotalSeconds);
    }

    private Task TopUpAsync(Action<string, Exception> failed, CancellationToken cancel) => EachAsync(topUps.AccountsAsync, account => topUp.RunAsync(account, cancel), failed, cancel);

    private static async Task EachAsync(Func<string, int, CancellationToken, Task<IReadOnlyList<string>>> pageAsync, Func<string, Task> work, Action<string, Exception> failed, CancellationToken cancel)
    {
        for (var after = ""; ;)
        {
            var page = await pageAsync(after, PageSize, cancel);
            foreach (var account in page) await TryAsync(account, () => work(account), failed, cancel);
            if (page.Count < PageSize) return;
            after = page[^1];
        }
    }

    private async Task LookThroughAsync(Action<string, Exception> failed, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var swept = await inbox.SweptThroughAsync(cancel);
        if (swept?.UtcDateTime.Date == now.UtcDateTime.Date) return;

        var since = swept is { } last && now - last < FarthestBack ? last - Overlap : now - FarthestBack;
        var isWhole = true;
        await foreach (var announced in collector.EventsSinceAsync(since, cancel)) await TryAsync(announced.Id, () => handle.ReceiveAsync(announced, (each, cause) => failed(each.Id, cause), cancel), Failed, cancel);
        await foreach (var checkout in collector.CheckoutsSinceAsync(since, cancel)) await TryAsync(checkout.Id, () => credit.RunAsync(checkout, cancel), Failed, cancel);
        await EachAsync(postpaid.AccountsAsync, account => sync.RunAsync(account, cancel), Failed, cancel);
        if (isWhole) await inbox.SweptAsync(now, cancel);

        void Failed(string what, Exception cause)
        {
            isWhole = false;
            failed(what, cause);
        }
    }

    private static async Task TryAsync(string what, Func<Task> work, Action<string, Exception> failed, CancellationToken cancel)
    {
        try
        {
            await work();
        }
#pragma warning disable CA1031 // One bad payment must not keep the others' credit.
        catch (Exception cause) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            failed(what, cause);
        }
    }
}
