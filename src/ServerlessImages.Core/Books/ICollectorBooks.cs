using ServerlessImages.Billing;
using ServerlessImages.Ledger;

namespace ServerlessImages.Books;

/// <summary>
/// What the collector has written down, as the books read it: it is asked to tell, and never to do anything. Any method throws a
/// <see cref="CollectorUnavailableException"/> when it cannot be asked; the next night it is asked again.
/// </summary>
public interface ICollectorBooks
{
    /// <summary>Whether an id is one of the collector's: what operators grant or take back by hand is none.</summary>
    bool IsKnownAs(string id);

    /// <summary>A payment that carries our account, also one that was made by hand.</summary>
    /// <returns>Null if there is none, or if it is none of ours.</returns>
    Task<Payment?> FindPaymentAsync(string paymentId, CancellationToken cancel);

    /// <summary>All payments that carry an account of ours and were begun since, whatever became of them.</summary>
    IAsyncEnumerable<Payment> PaymentsSinceAsync(DateTimeOffset since, CancellationToken cancel);

    /// <summary>All that went back since of payments that carry an account of ours.</summary>
    IAsyncEnumerable<PaymentReturn> ReturnsSinceAsync(DateTimeOffset since, CancellationToken cancel);

    /// <summary>What is counted for a customer, hour by hour. It may lag behind what was reported.</summary>
    /// <returns>Hours with nothing may be missing.</returns>
    Task<IReadOnlyDictionary<LedgerHour, Money>> HoursAsync(string customerId, LedgerHour from, LedgerHour until, CancellationToken cancel);

    /// <summary>What was put on a customer's invoices by itself, or waits for the next one.</summary>
    Task<IReadOnlyList<InvoicedItem>> ItemsAsync(string customerId, DateTimeOffset since, CancellationToken cancel);
}

/// <param name="Identifier">Of the <see cref="UsageRecord"/>.</param>
public sealed record InvoicedItem(string Id, string Identifier, Money Amount, DateTimeOffset Created);
