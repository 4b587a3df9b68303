using System.Runtime.CompilerServices;
using ServerlessImages.Billing;
using ServerlessImages.Simulation.Scheduling;
using ServerlessImages.Simulation.Stores;

namespace ServerlessImages.Simulation.TopUps;

/// <summary>One process's connection to Stripe: calls get lost on the way there and on the way back, and some are done when their sender has given up.</summary>
internal sealed class StripeConnection(SimulatedStripe stripe, TopUpsHistory history, TopUpsInstance instance, SeededRandom random) : IPaymentCollector
{
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan LateMax = TimeSpan.FromMinutes(2);

    public Task<string> CreateCustomerAsync(string accountId, string name, string idempotencyKey, CancellationToken cancel) => WriteAsync(idempotencyKey, () => stripe.CreateCustomer(accountId), cancel);

    public Task<string?> FindCustomerAsync(string accountId, CancellationToken cancel) => ReadAsync(() => stripe.SearchCustomer(accountId), cancel);

    public Task<bool> HasCustomerAsync(string customerId, CancellationToken cancel) => ReadAsync(() => stripe.HasCustomer(customerId), cancel);

    public async Task<Result<Checkout>> CreateCheckoutAsync(CheckoutOrder order, CancellationToken cancel) => await WriteAsync(order.IdempotencyKey, () => stripe.CreatePage(order), cancel);

    public Task<Checkout?> FindCheckoutAsync(string id, CancellationToken cancel) => ReadAsync(() => stripe.FindPage(id), cancel);

    public IAsyncEnumerable<Checkout> CheckoutsSinceAsync(DateTimeOffset since, CancellationToken cancel) => ListAsync(() => stripe.PagesSince(since), cancel);

    public Task<Uri> CreatePortalAsync(string customerId, Uri returnUrl, CancellationToken cancel) => throw new NotSupportedException("No money moves there.");

    public Task<string?> FindCardAsync(string customerId, CancellationToken cancel) => ReadAsync(() => stripe.FindCard(customerId), cancel);

    public Task<AutomaticPayment> ChargeAsync(AutomaticCharge charge, CancellationToken cancel) => WriteAsync(charge.IdempotencyKey, () => stripe.Charge(charge), cancel);

    public Task<AutomaticPayment?> FindAutomaticPaymentAsync(string customerId, long attempt, DateTimeOffset since, CancellationToken cancel)
    {
        var found = ReadAsync(() => stripe.FindAutomatic(customerId, attempt, since), cancel);
        history.Asked(instance);
        return found;
    }

    public Task<AutomaticPayment?> FindAutomaticPaymentAsync(string paymentId, CancellationToken cancel) => ReadAsync(() => stripe.FindAutomatic(paymentId), cancel);

    public Task<Payment?> FindPaymentAsync(string paymentId, CancellationToken cancel) => ReadAsync(() => stripe.Find(paymentId)?.Now, cancel);

    public async Task<IReadOnlyList<PaymentReturn>> ReturnsAsync(string paymentId, CancellationToken cancel) => await ReadAsync(() => stripe.ReturnsOf(paymentId), cancel);

    public Task RefundAsync(string paymentId, Money amount, string idempotencyKey, CancellationToken cancel) => throw new NotSupportedException("No account is closed here.");

    public Result<CollectorEvent> ReadEvent(ReadOnlySpan<byte> body, string signature) => throw new NotSupportedException("What is announced here is announced by Stripe.");

    public IAsyncEnumerable<CollectorEvent> EventsSinceAsync(DateTimeOffset since, CancellationToken cancel) => ListAsync(() => stripe.EventsSince(since), cancel);

    private async IAsyncEnumerable<T> ListAsync<T>(Func<T[]> list, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var each in await ReadAsync(list, cancel)) yield return each;
    }

    /// <summary>What is read is what is there half-way.</summary>
    private Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancel)
    {
        var answer = new Answer<T>(instance.Process, cancel);
        if (!history.IsAtRest && random.Chance(history.Plan.Stripe.Dropped)) answer.Fail(ClientTimeout, NoAnswer());
        else history.Network.In(Latency, () => answer.Arrive(Latency, read()));
        history.Called(instance);
        return answer.Task;
    }

    private Task<T> WriteAsync<T>(string key, Func<T> write, CancellationToken cancel)
        where T : notnull
    {
        history.Trace?.Add($"{instance.Process.Name} sends {key}");
        var answer = new Answer<T>(instance.Process, cancel);
        var rates = history.Plan.Stripe;
        var luck = history.IsAtRest ? 1 : random.Fraction();
        var fails = !history.IsAtRest && random.Chance(rates.StoredFailure) ? random.Pick([StoredFailure.AfterDoing, StoredFailure.WithoutDoing]) : StoredFailure.No;
        if ((luck -= rates.Dropped) < 0)
        {
            answer.Fail(ClientTimeout, NoAnswer());
        }
        else if ((luck -= rates.AnswerLost) < 0)
        {
            history.Network.In(Latency, () => Try(key, write, fails));
            answer.Fail(ClientTimeout, NoAnswer());
        }
        else if ((luck - rates.AppliedLate) < 0)
        {
            history.Network.In(random.UpTo(LateMax), () => Try(key, write, fails));
            answer.Fail(ClientTimeout, NoAnswer());
        }
        else
        {
            history.Network.In(Latency, () => Answer(answer, key, write, fails));
        }

        history.Called(instance);
        return answer.Task;
    }

    private void Answer<T>(Answer<T> answer, string key, Func<T> write, StoredFailure fails)
        where T : notnull
    {
        try
        {
            answer.Arrive(Latency, stripe.Once(key, write, fails));
        }
        catch (CollectorUnavailableException cause)
        {
            answer.Fail(Latency, cause);
        }
    }

    private void Try<T>(string key, Func<T> write, StoredFailure fails)
        where T : notnull
    {
        try
        {
            stripe.Once(key, write, fails);
        }
        catch (CollectorUnavailableException)
        {
            // Nobody hears of it.
        }
    }

    private TimeSpan Latency => random.Exponential(TimeSpan.FromMilliseconds(100));

    private static CollectorUnavailableException NoAnswer() => new("simulated: no answer");
}
