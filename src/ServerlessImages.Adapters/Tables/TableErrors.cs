using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Azure.Identity;
using ServerlessImages.Storage;

namespace ServerlessImages.Tables;

/// <summary>What a failure says about the writes. Source of the codes: learn.microsoft.com, "Table service error codes".</summary>
internal static class TableErrors
{
    /// <returns>The refusal of one row, or null if the failure is something else.</returns>
    public static CommitResult? Refusal(TableTransactionFailedException failure, int writes)
    {
        var index = failure.FailedTransactionActionIndex ?? (writes == 1 ? 0 : null);
        var refusal = Refusal(failure.ErrorCode ?? "");
        return index is null || refusal == CommitRefusal.None ? null : CommitResult.Refused(refusal, index.Value);
    }

    /// <summary>
    /// The service answered that it would not do it (a bug, a missing table, no permission), or the login failed before anything was sent.
    /// Not so after 408 or any 5xx: the operation may have succeeded on the server, and it may still.
    /// </summary>
    public static bool NothingWasApplied(Exception failure) => failure switch
    {
        RequestFailedException { Status: 408 } => false,
        RequestFailedException { Status: >= 400 and < 500 } refused => Refusal(refused.ErrorCode ?? "") == CommitRefusal.None,
        AuthenticationFailedException => true,
        _ => false,
    };

    /// <summary>The login failed, or its identity may not write here.</summary>
    public static bool IsNotLetIn(Exception failure) => failure is AuthenticationFailedException or RequestFailedException { Status: 401 or 403 };

    /// <summary>Everything but what the caller asked for itself: a read that did not work is a store that could not be asked.</summary>
    public static bool IsFailedRead(Exception failure, CancellationToken cancel) =>
        failure is not StoreUnavailableException && !(failure is OperationCanceledException && cancel.IsCancellationRequested);

    /// <summary>A missing row and a missing table are both 404.</summary>
    public static bool IsMissingTable(Response response) =>
        response.Content.ToString().Contains(TableErrorCode.TableNotFound.ToString(), StringComparison.Ordinal);

    private static CommitRefusal Refusal(TableErrorCode code)
    {
        if (code == TableErrorCode.EntityAlreadyExists) return CommitRefusal.Exists;
        if (code == TableErrorCode.UpdateConditionNotSatisfied || code == new TableErrorCode("ConditionNotMet")) return CommitRefusal.Changed;
        return code == TableErrorCode.ResourceNotFound || code == TableErrorCode.EntityNotFound ? CommitRefusal.Missing : CommitRefusal.None;
    }
}
