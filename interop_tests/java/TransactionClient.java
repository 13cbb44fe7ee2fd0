import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Java's transactional producers and read_committed consumers, driven line by line as `InteropClient`. Values are text. */
public final class TransactionClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String bootstrap;
    private final Map<Integer, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();

    private TransactionClient(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] args) throws Exception {
        TransactionClient client = new TransactionClient(args[0]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode answer = JSON.createObjectNode();
            try {
                client.run(JSON.readTree(line), answer);
            } catch (Exception e) {
                answer.put("error", (e instanceof ExecutionException ? e.getCause() : e).toString());
            }
            out.println(JSON.writeValueAsString(answer));
        }
    }

    private void run(JsonNode request, ObjectNode answer) throws Exception {
        String op = request.get("op").asText();
        switch (op) {
            case "txn_init" -> init(request, answer);
            case "txn_read_committed" -> readCommitted(request, answer);
            case "txn_move" -> move(request);
            default -> {
                KafkaProducer<byte[], byte[]> producer = producers.get(request.get("producer").asInt());
                switch (op) {
                    case "txn_begin" -> producer.beginTransaction();
                    case "txn_produce" -> produce(producer, request);
                    case "txn_send_offsets" -> sendOffsets(producer, request);
                    case "txn_commit" -> producer.commitTransaction();
                    case "txn_abort" -> producer.abortTransaction();
                    case "txn_close" -> producer.close(Duration.ZERO);
                    default -> throw new IllegalArgumentException("unknown op: " + op);
                }
            }
        }
    }

    private KafkaProducer<byte[], byte[]> producer(String transactionalId, int timeoutMs) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("transactional.id", transactionalId);
        properties.put("transaction.timeout.ms", timeoutMs);
        properties.put("reconnect.backoff.max.ms", 500);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    private void init(JsonNode request, ObjectNode answer) {
        String transactionalId = request.get("transactional_id").asText();
        answer.put("producer", producers.size());
        producers.put(producers.size(), producer(transactionalId, request.get("timeout_ms").asInt()));
    }

    private static void produce(KafkaProducer<byte[], byte[]> producer, JsonNode request) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (JsonNode value : request.get("values")) {
            byte[] bytes = value.asText().getBytes(StandardCharsets.UTF_8);
            String topic = request.get("topic").asText();
            sent.add(producer.send(new ProducerRecord<>(topic, request.get("partition").asInt(), null, bytes)));
        }
        for (Future<RecordMetadata> each : sent) {
            each.get();
        }
    }

    private void sendOffsets(KafkaProducer<byte[], byte[]> producer, JsonNode request) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (JsonNode each : request.get("offsets")) {
            TopicPartition partition = new TopicPartition(each.get("topic").asText(), each.get("partition").asInt());
            offsets.put(partition, new OffsetAndMetadata(each.get("offset").asLong()));
        }
        // Of a consumer that is no member.
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(request.get("group").asText())) {
            producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer(String group) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        if (group != null) {
            properties.put("group.id", group);
        }
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private void readCommitted(JsonNode request, ObjectNode answer) {
        TopicPartition partition = new TopicPartition(request.get("topic").asText(), request.get("partition").asInt());
        ArrayNode values = answer.putArray("values");
        long deadline = System.currentTimeMillis() + 60_000;
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(null)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            while (System.currentTimeMillis() < deadline) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(500));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    values.add(new String(record.value(), StandardCharsets.UTF_8));
                }
                if (records.isEmpty() && values.size() >= request.get("count").asInt()) {
                    return;
                }
            }
        }
        throw new IllegalStateException("only " + values.size() + " records");
    }

    /** A member of a group that moves `count` records in transactions, every third of which it aborts and does again. */
    private void move(JsonNode request) {
        int moved = 0;
        int attempts = 0;
        try (KafkaProducer<byte[], byte[]> producer = producer(request.get("transactional_id").asText(), 60_000);
                KafkaConsumer<byte[], byte[]> consumer = consumer(request.get("group").asText())) {
            consumer.subscribe(List.of(request.get("source").asText()));
            while (moved < request.get("count").asInt()) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(500));
                if (records.isEmpty()) {
                    continue;
                }
                producer.beginTransaction();
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    producer.send(new ProducerRecord<>(request.get("topic").asText(), 0, null, record.value()));
                }
                producer.sendOffsetsToTransaction(records.nextOffsets(), consumer.groupMetadata());
                if (attempts++ % 3 == 0) {
                    producer.abortTransaction();
                    records.partitions().forEach(each -> consumer.seek(each, records.records(each).get(0).offset()));
                } else {
                    producer.commitTransaction();
                    moved += records.count();
                }
            }
        }
    }
}
