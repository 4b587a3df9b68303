using ServerlessImages.Storage;

namespace ServerlessImages.Billing;

/// <summary>Does what announcements call for, by reading the object again: they come late, twice and out of order, and none of that matters.</summary>
public sealed class HandleEvents(BillingInbox inbox, IPaymentCollector collector, CreditCheckout credit, TopUpAutomatically topUp, TakeBackPayment takeBack, SyncPostpaid sync, ISubscriptionCollector subscriptions, TimeProvider clock)
{
    private const int PageSize = 100;

    /// <summary>The collector takes an answer after 10 s for a failure, and what is not done by then is done by the sweep.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    /// <summary>Whoever took it in is still at it.</summary>
    private static readonly TimeSpan LeftAlone = TimeSpan.FromMinutes(1);

    /// <summary>Stores an announcement, and then tries to handle it at once. Sent again, it changes nothing.</summary>
    /// <param name="failed">Told why it could not be handled yet; it is kept and tried again.</param>
    /// <exception cref="WriteFateUnknownException">It may not be stored: the collector has to send it again.</exception>
    public async Task ReceiveAsync(CollectorEvent announced, Action<CollectorEvent, Exception> failed, CancellationToken cancel)
    {
        if (await inbox.AddAsync(announced, cancel) is not { } waiting) return;
        using var time = new CancellationTokenSource(AtOnce, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, time.Token);
        await TryAsync(waiting, failed, either.Token);
    }

    /// <summary>Tries once more what waits.</summary>
    /// <returns>For how long the oldest that still waits has been waiting.</returns>
    public async Task<TimeSpan> RetryAsync(Action<CollectorEvent, Exception> failed, CancellationToken cancel)
    {
        var longest = TimeSpan.Zero;
        for (var after = ""; ;)
        {
            var page = await inbox.WaitingAsync(after, PageSize, cancel);
            foreach (var waiting in page.Where(each => clock.GetUtcNow() - each.Event.Created > LeftAlone))
            {
                if (!await TryAsync(waiting, failed, cancel) && clock.GetUtcNow() - waiting.ReceivedAt is var waited && waited > longest) longest = waited;
            }

            if (page.Count < PageSize) return longest;
            after = page[^1].Event.Id;
        }
    }

    private async Task<bool> TryAsync(WaitingEvent waiting, Action<CollectorEvent, Exception> failed, CancellationToken cancel)
    {
        try
        {
            await HandleAsync(waiting.Event, cancel);
            await inbox.DoneAsync(waiting, CancellationToken.None);
            return true;
        }
#pragma warning disable CA1031 // It is stored: one that fails must keep neither the others nor the collector waiting.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            failed(waiting.Event, cause);
            await NoteAsync(waiting, cause, failed);
            return false;
        }
    }

    private async Task NoteAsync(WaitingEvent waiting, Exception cause, Action<CollectorEvent, Exception> failed)
    {
        try
        {
            await inbox.FailedAsync(waiting, cause.GetType().Name, CancellationToken.None);
        }
#pragma warning disable CA1031 // It waits, noted or not, and so do the others.
        catch (Exception unnoted)
#pragma warning restore CA1031
        {
            failed(waiting.Event, unnoted);
        }
    }

    private Task HandleAsync(CollectorEvent announced, CancellationToken cancel) => announced.Kind switch
    {
        CollectorEventKind.CheckoutPaid => CheckoutAsync(announced.ObjectId, cancel),
        CollectorEventKind.PaymentEnded => PaymentAsync(announced.ObjectId, cancel),
        CollectorEventKind.PaymentReturned => takeBack.RunAsync(announced.ObjectId, cancel),
        CollectorEventKind.PostpaidChanged => sync.RunForCustomerAsync(announced.ObjectId, cancel),
        CollectorEventKind.UsageRefused => UsageAsync(announced, cancel),
        _ => Task.CompletedTask,
    };

    // What the collector does not have, or has of another's, is not ours to handle: its account may sell other things too.
    private async Task CheckoutAsync(string id, CancellationToken cancel)
    {
        if (await collector.FindCheckoutAsync(id, cancel) is { } checkout) await credit.RunAsync(checkout, cancel);
    }

    private async Task UsageAsync(CollectorEvent announced, CancellationToken cancel)
    {
        if (await subscriptions.FindUsageProblemAsync(announced.ObjectId, cancel) is { } problem) await inbox.NoteRefusalAsync(announced, problem, cancel);
    }

    private async Task PaymentAsync(string id, CancellationToken cancel)
    {
        if (await collector.FindAutomaticPaymentAsync(id, cancel) is { } payment) await topUp.ConcludeAsync(payment, cancel);
    }
}
