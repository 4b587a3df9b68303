using System.Runtime.CompilerServices;
using ServerlessImages.Billing;
using ServerlessImages.Books;
using ServerlessImages.Ledger;

namespace ServerlessImages.Tests.Books;

/// <summary>A collector that tells what another does, or fails.</summary>
internal sealed class CollectorBetween(ICollectorBooks real) : ICollectorBooks
{
    /// <summary>By the call and what it is about, or "".</summary>
    public required Func<string, string, bool> Fails { get; init; }

    /// <summary>A payment that it tells of before all others.</summary>
    public Payment? First { get; init; }

    public Func<Exception> Failure { get; init; } = () => new CollectorUnavailableException("It does not answer.");

    public bool IsKnownAs(string id) => real.IsKnownAs(id);

    public Task<Payment?> FindPaymentAsync(string paymentId, CancellationToken cancel) => Checked(nameof(FindPaymentAsync), paymentId).FindPaymentAsync(paymentId, cancel);

    public async IAsyncEnumerable<Payment> PaymentsSinceAsync(DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (First is not null) yield return First;
        await foreach (var each in Checked(nameof(PaymentsSinceAsync)).PaymentsSinceAsync(since, cancel)) yield return each;
    }

    public IAsyncEnumerable<PaymentReturn> ReturnsSinceAsync(DateTimeOffset since, CancellationToken cancel) => Checked(nameof(ReturnsSinceAsync)).ReturnsSinceAsync(since, cancel);

    public Task<IReadOnlyDictionary<LedgerHour, Money>> HoursAsync(string customerId, LedgerHour from, LedgerHour until, CancellationToken cancel) => Checked(nameof(HoursAsync), customerId).HoursAsync(customerId, from, until, cancel);

    public Task<IReadOnlyList<InvoicedItem>> ItemsAsync(string customerId, DateTimeOffset since, CancellationToken cancel) => Checked(nameof(ItemsAsync), customerId).ItemsAsync(customerId, since, cancel);

    private ICollectorBooks Checked(string call, string what = "") => Fails(call, what) ? throw Failure() : real;
}
