using System.Text.Json;
using ServerlessImages.Events;

namespace ServerlessImages.Abuse;

/// <summary>What an account is told of its place on the ladder, in words that stay the same for ever.</summary>
internal static class ConductFact
{
    public static EventFact Of(LadderStep step, StrikeRow strike, Conduct after, Ladder ladder) => new(TypeOf(step.Rung), JsonSerializer.SerializeToElement(new
    {
        refused_calls = after.Recent(ladder, strike.At),
        window_hours = (int)ladder.Window.TotalHours,
        until = step.Rung == Rung.CoolingDown ? after.CoolsUntil.ToUnixTimeSeconds() : (long?)null,
        stage = strike.Strike.Details.Stage,
        categories = strike.Strike.Details.Categories,
        key_id = strike.KeyId,
        end_user = strike.EndUser.Length == 0 ? null : strike.EndUser,
        request_id = strike.RequestId,
    }));

    public static EventFact Cleared { get; } = new(EventTypes.AccountCleared, JsonSerializer.SerializeToElement(new { }));

    private static string TypeOf(Rung rung) => rung switch
    {
        Rung.Warned => EventTypes.AccountWarned,
        Rung.CoolingDown => EventTypes.AccountCoolingDown,
        _ => EventTypes.AccountUnderReview,
    };
}
