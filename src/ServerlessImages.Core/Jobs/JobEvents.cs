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
        var state = RequestStatus.StateOf(entry);
        var data = RequestFact.DataOf(entry);
        data["status"] = state.ToWire();
        data["job_path"] = "/v1/jobs/" + entry.Id;
        return new EventFact(TypeOf(state), JsonSerializer.SerializeToElement(data));
    }

    private static string TypeOf(RequestState state) => state switch
    {
        RequestState.Succeeded => EventTypes.JobSucceeded,
        RequestState.Cancelled => EventTypes.JobCancelled,
        RequestState.Expired => EventTypes.JobExpired,
        _ => EventTypes.JobFailed,
    };
}
