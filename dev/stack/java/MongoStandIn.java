import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import java.util.Set;

/** MongoDB's wire protocol on a file, for machines without mongod: java -cp 'libs/*' MongoStandIn.java FILE PORT */
class MongoStandIn {
  static final Set<String> WRITES = Set.of("insert", "update", "delete", "findAndModify", "createIndexes", "drop", "dropDatabase");

  public static void main(String[] args) {
    var backend = new H2Backend(args[0]) {
      @Override
      public Document handleMessage(MongoMessage message) {
        var answer = super.handleMessage(message);
        // Otherwise up to a second of acknowledged writes would be lost with the process.
        if (WRITES.contains(message.getDocument().keySet().iterator().next())) commit();
        return answer;
      }
    };
    backend.version(new Version());
    var server = new MongoServer(backend);
    server.bind("127.0.0.1", Integer.parseInt(args[1]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
  }

  /** The oldest that today's driver talks to. */
  static class Version implements MongoVersion {
    public List<Integer> getVersionArray() { return List.of(5, 0, 0, 0); }
    public int getWireVersion() { return 13; }
    public String toVersionString() { return "5.0.0"; }
  }
}
