namespace ServerlessImages.Tests;

/// <summary>What tests install once for this user and keep: every clone shares it.</summary>
internal static class UserCache
{
    public static string Folder(string name)
    {
        var cache = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        return Path.Combine(cache.Length > 0 ? cache : Path.GetTempPath(), "serverlessimages", name);
    }
}
