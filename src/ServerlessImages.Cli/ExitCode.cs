namespace ServerlessImages.Cli;

/// <summary>What a script learns from a command.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The service refused: what was asked for is not there, or makes no sense.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong, or a setting is missing.</summary>
    public const int Usage = 2;

    /// <summary>Not signed in, or without the role.</summary>
    public const int NoAccess = 3;

    /// <summary>The service, or who signs in, could not be reached. What was asked may be done: send it again.</summary>
    public const int Unavailable = 4;

    /// <summary>All was read, and something in it is wrong: books differ, or there are incidents.</summary>
    public const int Wrong = 5;
}

/// <summary>Ends a command with a message for people.</summary>
internal sealed class CliException(int exitCode, string message, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}
