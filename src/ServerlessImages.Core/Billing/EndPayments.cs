namespace ServerlessImages.Billing;

/// <summary>The end of an account at the collector: it buys and owes nothing more, and gets back what it paid and did not use.</summary>
public sealed class EndPayments(AutoTopUps topUps, EndSubscription subscription, RefundUnused refund)
{
    /// <summary>Stops automatic top-ups and ends the subscription. Doing it again changes nothing.</summary>
    /// <returns>Whether a card is just being charged: what is left is known only when that is over.</returns>
    /// <inheritdoc cref="EndSubscription.RunAsync" path="/exception"/>
    public async Task<bool> StopAsync(string accountId, CancellationToken cancel)
    {
        var topUp = await topUps.ChangeAsync(accountId, each => each is { Terms.Enabled: true } ? each with { Terms = each.Terms with { Enabled = false } } : null, cancel);
        await subscription.RunAsync(accountId, cancel);
        return topUp is { State: AutoTopUpState.Charging };
    }

    /// <inheritdoc cref="RefundUnused.RunAsync"/>
    public Task<Money> PayBackAsync(string accountId, CancellationToken cancel) => refund.RunAsync(accountId, cancel);

    /// <inheritdoc cref="RefundUnused.ExpectedAsync"/>
    public Task<Money> ExpectedAsync(string accountId, CancellationToken cancel) => refund.ExpectedAsync(accountId, cancel);
}
