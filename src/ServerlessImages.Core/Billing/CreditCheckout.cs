namespace ServerlessImages.Billing;

/// <summary>What a checkout that was paid brings: its credit, and a card with which automatic top-ups go on.</summary>
public sealed class CreditCheckout(GrantPayment grant, TopUpAutomatically topUp)
{
    public async Task<GrantOutcome> RunAsync(Checkout checkout, CancellationToken cancel)
    {
        if (checkout.Payment is not { } payment) return GrantOutcome.NotPaid;

        var granted = await grant.RunAsync(payment, cancel);
        if (granted.Sequence is { } sequence) await topUp.RecoverAsync(checkout.AccountId, sequence, cancel);
        return granted.Outcome;
    }
}
