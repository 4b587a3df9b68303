using System.Text.Json;
using ServerlessImages.Events;
using ServerlessImages.Images;
using ServerlessImages.Ledger;

namespace ServerlessImages.Jobs;

/// <summary>What is told of a job that has ended.</summary>
internal static class JobEvents
{
    public static EventFact Of(LedgerEntry entry)
    {
        var request = entry.Request!;
        var state = RequestStatus.StateOf(entry);
        return new EventFact(TypeOf(state), JsonSerializer.SerializeToElement(new
        {
            id = entry.Id,
            status = state.ToWire(),
            model = request.Summary.Model,
            images = request.Images,
            cost_usd = entry.Amount.ToString(),
            error = request.ErrorCode.Length == 0 ? null : request.ErrorCode,
        }));
    }

    private static string TypeOf(RequestState state) => state switch
    {
        RequestState.Succeeded => EventTypes.JobSucceeded,
        RequestState.Cancelled => EventTypes.JobCancelled,
        RequestState.Expired => EventTypes.JobExpired,
        _ => EventTypes.JobFailed,
    };
}
