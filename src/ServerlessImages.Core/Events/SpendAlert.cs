using System.Text.Json;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Events;

/// <summary>What is being used up.</summary>
public enum SpendSubject
{
    KeyBudget,
    EndUserBudget,
    Balance,
    CreditLimit,
}

/// <summary>A share of a limit that a charge has crossed.</summary>
/// <param name="Window">Of a budget: <c>total</c>, <c>day</c> or <c>month</c>; null where there are none.</param>
/// <param name="Limit">Of the balance: what was there after the last grant.</param>
/// <param name="ResetsAt">When the day or month is over; null where that is not what begins it anew.</param>
public sealed record SpendAlert(SpendSubject What, string? Window, int Percent, Money Spent, Money Limit, DateTimeOffset? ResetsAt)
{
    /// <summary>As the customer reads it.</summary>
    public EventFact ToFact(LedgerEntry charge)
    {
        var asked = charge.Request!.Summary;
        return new EventFact(What is SpendSubject.KeyBudget or SpendSubject.EndUserBudget ? EventTypes.BudgetThreshold : EventTypes.BalanceLow, JsonSerializer.SerializeToElement(new
        {
            what = What.ToWire(),
            key_id = What == SpendSubject.KeyBudget ? asked.KeyId : null,
            end_user = What == SpendSubject.EndUserBudget ? asked.EndUser : null,
            window = Window,
            percent = Percent,
            spent_usd = Spent.ToString(),
            limit_usd = Limit.ToString(),
            resets_at = ResetsAt?.ToUnixTimeSeconds(),
            request_id = charge.Id,
        }));
    }
}
