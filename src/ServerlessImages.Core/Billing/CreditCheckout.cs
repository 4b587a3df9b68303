namespace ServerlessImages.Billing;

/// <summary>What a checkout brings: its credit, and a card with which automatic top-ups go on; or a subscription.</summary>
public sealed class CreditCheckout(GrantPayment grant, TopUpAutomatically topUp, SyncPostpaid sync)
{
    public async Task<GrantOutcome> RunAsync(Checkout checkout, CancellationToken cancel)
    {
        if (checkout is { IsSubscription: true, Status: CheckoutStatus.Complete }) await sync.RunAsync(checkout.AccountId, cancel);
        if (checkout.Payment is not { } payment) return GrantOutcome.NotPaid;

        var granted = await grant.RunAsync(payment, cancel);
        if (granted.Sequence is { } sequence) await topUp.RecoverAsync(checkout.AccountId, sequence, cancel);
        return granted.Outcome;
    }
}
