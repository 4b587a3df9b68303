using ServerlessImages.Api.Portal.Requests;
using ServerlessImages.Ledger;

namespace ServerlessImages.Api.Portal.Overview;

/// <summary>What an account has, spends and did, at a glance.</summary>
/// <param name="Today">Spent on the day that lasts, in UTC.</param>
/// <param name="Month">Spent in the month that lasts.</param>
/// <param name="RequestsToday">Those that ended today, charged or not.</param>
/// <param name="AsOf">Until when these figures go; null where nothing is missing.</param>
/// <param name="Latest">Null for whoever may not see requests.</param>
/// <param name="Steps">Null once an image was charged.</param>
public sealed record OverviewView(Balance Balance, Money Today, Money Month, long RequestsToday, long UnchargedToday, DayChart Chart, IReadOnlyList<TopKey> Keys, IReadOnlyList<RequestRow>? Latest, FirstSteps? Steps, DateTimeOffset? AsOf);

/// <param name="Name">Or its id.</param>
/// <param name="Limit">What the key may spend in a month, or null.</param>
/// <param name="Used">What of it is spent and held.</param>
public sealed record TopKey(string Id, string Name, long Requests, Money Amount, Money? Limit, Money Used)
{
    /// <summary>1 is all of its budget.</summary>
    public decimal? Share => Limit is { Micros: > 0 } limit ? (decimal)Used.Micros / limit.Micros : null;
}

/// <summary>How far an account is that has not paid for an image yet.</summary>
public sealed record FirstSteps(bool HasCredit, bool HasKey);
